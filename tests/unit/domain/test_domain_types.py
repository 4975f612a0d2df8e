"""Names of tables, keys of contracts, kinds of bindings; and that the domain stands alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from datetime import UTC, datetime

import pytest

from assay import domain
from assay.domain import (
    Candidate,
    Column,
    Contract,
    LakeBinding,
    Layer,
    TableRef,
    TableVersion,
)


@pytest.mark.parametrize(
    ("text", "layer", "name"),
    [
        ("gold.fct_flights", Layer.GOLD, "fct_flights"),
        ("quarantine.shop__orders", Layer.QUARANTINE, "shop__orders"),
        ("bronze.b2", Layer.BRONZE, "b2"),
    ],
)
def test_a_table_name_is_read_and_written(text: str, layer: Layer, name: str) -> None:
    assert TableRef.parse(text) == TableRef(layer, name)
    assert str(TableRef.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gold",
        "gold.",
        ".t",
        "platinum.t",
        "Gold.t",
        "gold.T",
        "gold.1t",
        "gold._t",
        "gold.a.b",
        "gold.a b",
        "gold.t\n",
        "gold.ä",
        "gold.../t",
    ],
)
def test_what_names_no_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a table name: expected"):
        TableRef.parse(text)


def test_a_quarantine_has_a_suite_of_its_own() -> None:
    names = {TableRef.parse(f"{layer.value}.shop__orders").suite for layer in Layer}
    assert names == {"shop__orders", "quarantine_shop__orders"}
    assert TableRef.parse("quarantine.shop__orders").suite == "quarantine_shop__orders"


def test_a_table_version_is_named_by_both() -> None:
    version = TableVersion(TableRef.parse("gold.t"), 7)
    assert str(version) == "gold.t@7"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert Candidate("r", "p", "gold.t", 7, "t", 1, 1, "append", now).table_version == version


def _column(name: str, position: int | None = None) -> Column:
    return Column(name, name, "bigint", "integer", "", False, False, position)


def _contract(*columns: Column) -> Contract:
    return Contract(
        "shop", "orders", Layer.SILVER, "1.0.0", "a", "", columns, "path", source="till"
    )


def test_a_contract_names_its_tables_and_its_key() -> None:
    contract = _contract(_column("b", 2), _column("c"), _column("a", 1))
    assert contract.key == ("a", "b")
    assert [str(t) for t in (contract.bronze, contract.silver, contract.quarantine)] == [
        "bronze.bronze_till__orders",
        "silver.shop__orders",
        "quarantine.shop__orders",
    ]


def test_a_binding_without_a_run_is_a_developers() -> None:
    binding = LakeBinding("p", "", 0, "lake", "dev", "scratch", (), (), ())
    assert binding.is_developer
    assert not replace(binding, run_id="r").is_developer


def test_every_type_is_frozen() -> None:
    types = [getattr(domain, name) for name in domain.__all__]
    records = [each for each in types if is_dataclass(each)]
    assert len(records) > 20
    for each in records:
        empty = object.__new__(each)
        with pytest.raises(FrozenInstanceError):
            setattr(empty, fields(each)[0].name, "changed")


def test_the_domain_needs_the_standard_library_only() -> None:
    code = (
        "import sys, assay; known = set(sys.modules); import assay.domain, assay.errors;"
        "new = {n.partition('.')[0] for n in set(sys.modules) - known};"
        "print(sorted(new - set(sys.stdlib_module_names) - {'assay'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
