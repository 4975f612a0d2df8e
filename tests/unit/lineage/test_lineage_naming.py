import pytest

from assay.domain import Layer, Stage, TableRef
from assay.lineage import (
    name_audit_job,
    name_landed,
    name_landing_job,
    name_model_job,
    name_run_job,
    name_stage_job,
    name_table,
)


def test_every_name() -> None:
    table = TableRef(Layer.GOLD, "fct_flights")
    assert [
        name_table(table),
        name_table("gold.fct_flights"),
        name_landed("flights", "airlines"),
        name_landing_job("flights", "airlines"),
        name_model_job("flights", "silver", "stg_flights"),
        name_audit_job("flights", table),
        name_run_job("flights"),
        name_stage_job("flights", Stage.AUDIT_GOLD),
    ] == [
        "gold.fct_flights",
        "gold.fct_flights",
        "landing.flights.airlines",
        "flights.landing.airlines",
        "flights.silver.stg_flights",
        "flights.audit.gold.fct_flights",
        "flights",
        "flights.audit_gold",
    ]


def test_a_name_that_is_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match="'fct_flights' is not a table name"):
        name_table("fct_flights")
