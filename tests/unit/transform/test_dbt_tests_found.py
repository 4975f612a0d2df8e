"""Which tests a project has, whose they are, and when they count as changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_dbt_project import FILES

from assay.domain import Severity
from assay.transform import DbtProject, DbtTest

MORE = {
    "models/silver/shop/int_orders.sql": (
        "{{ config(materialized='view') }} select * from {{ ref('shop__orders') }}"
    ),
    "models/gold/shop/agg_orders.sql": (
        "{{ config(materialized='delta') }} select count(*) as n from {{ ref('int_orders') }}"
    ),
    "models/gold/shop/tests.yml": """
models:
  - name: agg_orders
    columns:
      - name: n
        data_tests:
          - not_null: {config: {severity: warn}}
unit_tests:
  - name: orders_are_counted
    model: agg_orders
    given: [{input: ref('int_orders'), rows: [{id: 1}]}]
    expect: {rows: [{n: 1}]}
""",
    "models/silver/shop/tests.yml": """
models:
  - name: stg_orders
    columns: [{name: id, data_tests: [unique]}]
  - name: int_orders
    columns: [{name: id, data_tests: [not_null]}]
""",
    "models/silver/shop/compiled/shop__orders.yml": """
models:
  - name: shop__orders
    columns: [{name: id, data_tests: [not_null]}]
""",
    "tests/orders_agree.sql": (
        "select 1 from {{ ref('shop__orders') }}, {{ ref('agg_orders') }}"
        " where {{ times('n', 0) }} = 1"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (FILES | MORE).items():
        path = tmp_path / "dbt_project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "dbt_project"


def found_tests(folder: Path) -> dict[str, DbtTest]:
    """Every test, by the table that it speaks of and its name."""
    models = DbtProject(folder, folder / "target").models()
    return {f"{model.name}: {t.name}": t for model in models.values() for t in model.tests}


def test_each_test_belongs_to_one_table(folder: Path) -> None:
    assert {
        name: (t.is_unit, t.column, t.severity, t.reads, t.builds)
        for name, t in found_tests(folder).items()
    } == {
        "agg_orders: not_null_agg_orders_n": (
            False, "n", Severity.WARNING, ("agg_orders",), (),
        ),
        "agg_orders: orders_agree": (
            False, "", Severity.CRITICAL, ("agg_orders", "shop__orders"), (),
        ),
        "agg_orders: orders_are_counted": (
            True, "", Severity.CRITICAL, ("agg_orders", "shop__orders"), ("int_orders",),
        ),
        # Of an ephemeral model: the next table of its layer. Compiled tests are not among them.
        "shop__orders: unique_stg_orders_id": (
            False, "id", Severity.CRITICAL, ("bronze_shop__orders",), (),
        ),
        # Of a view from which no table of its layer is made: the last one before it.
        "shop__orders: not_null_int_orders_id": (
            False, "id", Severity.CRITICAL, ("shop__orders",), ("int_orders",),
        ),
    }  # fmt: skip


UNIT, DATA, SINGULAR = "orders_are_counted", "not_null_agg_orders_n", "orders_agree"


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (_replace("models/gold/shop/tests.yml", "id: 1", "id: 2"), {UNIT}),
        (_replace("models/gold/shop/tests.yml", "rows: [{n: 1}]", "rows: [{n: 2}]"), {UNIT}),
        (_replace("models/gold/shop/agg_orders.sql", "count(*)", "count(id)"), {UNIT}),
        (_replace("models/silver/shop/int_orders.sql", "*", "id"), {UNIT}),
        (_replace("models/gold/shop/tests.yml", "severity: warn", "severity: error"), {DATA}),
        (_replace("models/gold/shop/tests.yml", "{severity: warn}", "{where: n > 1}"), {DATA}),
        (_replace("tests/orders_agree.sql", "select 1", "select 2"), {SINGULAR}),
        (_replace("macros/times.sql", "*", "+"), {SINGULAR}),
        (_replace("models/gold/shop/fct_orders.yml", "Orders.", "Sales."), set()),
    ],
    ids=[
        "a case", "what is expected", "the model under test", "what that reads", "its severity",
        "its config", "its query", "a macro that it uses", "another model's description",
    ],
)  # fmt: skip
def test_a_fingerprint_changes_with_what_the_test_finds(
    folder: Path, change: Callable[[Path], None], changed: set[str]
) -> None:
    before = {t.name: t.fingerprint for t in found_tests(folder).values()}
    change(folder)
    after = {t.name: t.fingerprint for t in found_tests(folder).values()}
    among = {UNIT, DATA, SINGULAR}
    assert {name for name in among if before[name] != after[name]} == changed


def test_a_test_that_is_switched_off_is_none(folder: Path) -> None:
    _replace("models/gold/shop/tests.yml", "severity: warn", "enabled: false")(folder)
    _replace(
        "models/gold/shop/tests.yml", "model: agg", "config: {enabled: false}\n    model: agg"
    )(folder)
    names = {t.name for t in found_tests(folder).values()}
    assert not names & {UNIT, DATA}
    assert SINGULAR in names
