"""Compiled suites run in Great Expectations as their rules say, odd characters included."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from contract_files import ContractFolder, Document, column, custom, schema

from assay.contracts import read_contracts, write_compiled
from assay.domain import CheckResult, TableRef, TableVersion
from assay.quality import load_suite, run_suite
from assay.storage import WriteMode, WriteRequest, open_connection, scan, write_table

ODD = "it's {x} {{y}} :z a%b \\:q --; [[:alpha:]]"
TEXT = "'" + ODD.replace("'", "''") + "'"
OWN = {"type": "custom", "engine": "assay"}
SQL = {"type": "sql"}
SHARE: Document = {"mustBeLessThan": 50, "unit": "percent"}


def _invalid(**arguments: object) -> Document:
    return {"metric": "invalidValues", "arguments": arguments}


RULES: dict[str, tuple[Document, str]] = {
    "odd_kept": (OWN | {"implementation": f"status = {TEXT}"}, "passed"),
    "odd_broken": (OWN | {"implementation": f"status <> {TEXT}"}, "failed"),
    "braces": (OWN | {"implementation": "{'a': id}.a = 1 and [id][1] = 1"}, "passed"),
    "cast": (OWN | {"implementation": "id::varchar = '1' and status like '%a%b%'"}, "passed"),
    "absent": (OWN | {"implementation": "price > 1"}, "passed"),
    "figure_kept": (SQL | {"query": "select 0.5 from ${object}", "mustBeGreaterThan": 0}, "passed"),
    "figure_broken": (SQL | {"query": "select 0.5 from ${object}", "mustBe": 0}, "failed"),
    "no_figure": (SQL | {"query": "select 0 from ${object} where id > 1", "mustBe": 0}, "failed"),
    **{
        f"share_of_nothing_{operator}": (
            SQL | {"query": "select 0 / count(*) from ${object} where id > 1", operator: value},
            "failed",
        )
        for operator, value in (
            ("mustBe", 0),
            ("mustNotBe", 0),
            ("mustBeGreaterThan", 95),
            ("mustBeGreaterOrEqualTo", 95),
            ("mustBeLessThan", 95),
            ("mustBeLessOrEqualTo", 95),
            ("mustBeBetween", [0, 95]),
            ("mustNotBeBetween", [0, 95]),
        )
    },
    "two_figures": (
        SQL | {"query": "select unnest([0, 0]) from ${object}", "mustBe": 0},
        "errored",
    ),
    "between": (SQL | {"query": "select 2 from ${object}", "mustNotBeBetween": [1, 2]}, "failed"),
    "truth": (SQL | {"query": "select bool_and(id > 0) from ${object}", "mustBe": True}, "passed"),
    "untruth": (SQL | {"query": "select 1 = 2 from ${object}", "mustNotBe": False}, "failed"),
    "not_nine_rows": ({"metric": "rowCount", "mustNotBe": 9}, "passed"),
    "pairs": (
        {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["id", "status"]}},
        "passed",
    ),
    "some_pairs": (
        {
            "metric": "duplicateValues",
            "mustBeGreaterThan": 0,
            "arguments": {"properties": ["id", "status"]},
        },
        "failed",
    ),
    "as_the_standard_writes_it": (
        {
            "type": "custom",
            "engine": "greatExpectations",
            "implementation": "type: expect_table_row_count_to_be_between\n"
            "kwargs:\n  min_value: 1\n  max_value: 5\n",
        },
        "passed",
    ),
    "odd_text": (SQL | {"query": "select max(status) from ${object}", "mustBe": 0}, "errored"),
    "looked_after": (
        {"metric": "rowCount", "mustBeLessThan": 9, "dimension": "coverage"},
        "passed",
    ),
    "rows": ({"metric": "rowCount", "mustBeGreaterThan": 0.5}, "passed"),
}
# Of the column `status`, which holds the odd text, and of `price`, which holds nothing.
COLUMN_RULES: dict[str, tuple[str, Document, str]] = {
    "odd_valid": ("status", _invalid(validValues=[ODD]) | {"mustBeLessThan": 9}, "passed"),
    "odd_invalid": ("status", _invalid(validValues=[ODD + "!"]) | {"mustNotBe": 1}, "failed"),
    "odd_pattern": ("status", _invalid(pattern="it.s \\{x\\} .{2,} :z.*") | SHARE, "passed"),
    "odd_no_pattern": ("status", _invalid(pattern="[{]{2}:z") | SHARE, "failed"),
    "odd_missing": (
        "status",
        {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": ["", ODD]}},
        "failed",
    ),
    "null": ("price", {"metric": "nullValues", "mustBe": 0}, "failed"),
    "null_share": ("price", {"metric": "nullValues"} | SHARE, "failed"),
    "null_rows": ("price", {"metric": "nullValues", "mustBeBetween": [1, 3]}, "passed"),
    "null_is_not_invalid": ("price", _invalid(validValues=[0.5]) | {"mustBe": 0}, "passed"),
    "null_is_no_duplicate": ("price", {"metric": "duplicateValues", "mustBe": 0}, "passed"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """Each rule's check over one row, by the rule's name."""
    root: Path = tmp_path_factory.mktemp("project")
    contracts = ContractFolder(root / "contracts")

    def change(document: Document) -> None:
        custom(document, "deliveryMode", None)
        custom(document, "layer", "gold")
        schema(document)["quality"] = [
            rule | {"name": name, "description": name} for name, (rule, _) in RULES.items()
        ]
        for name, (of, rule, _) in COLUMN_RULES.items():
            rules = column(document, of).setdefault("quality", [])
            rules.append(rule | {"name": name, "description": name})

    contracts.write(change)
    write_compiled(root, read_contracts(contracts.folder, "shop"), "shop")
    table = TableRef.parse("gold.orders")
    row = f"(select 1::bigint as id, {TEXT} as status, null::decimal(10, 2) as price,"
    row += " null::date as day, null::timestamptz as at)"
    with open_connection(threads="1") as connection:
        path = root / "orders"
        write_table(
            connection, WriteRequest(path, "orders", row, WriteMode.OVERWRITE, None, lambda: None)
        )
        connection.execute("create schema gold")
        connection.execute(f"create view gold.orders as from {scan(str(path), 0)}")
        results = run_suite(
            connection,
            "gold.orders",
            load_suite(root / "expectations", "shop", table),
            run_id="r",
            product="shop",
            table_version=TableVersion(table, 0),
            row_count=1,
            checked_at_utc=datetime(2026, 1, 1, tzinfo=UTC),
        )
    return {result.check: result for result in results}


@pytest.mark.parametrize("name", [*RULES, *COLUMN_RULES])
def test_a_rule_ends_as_it_should(found: dict[str, CheckResult], name: str) -> None:
    assert found[name].status.value == (RULES | COLUMN_RULES)[name][-1]


@pytest.mark.parametrize(
    ("name", "observed"),
    [
        ("null_share", "100 percent"),
        ("odd_invalid", "1 rows"),
        ("some_pairs", "0 rows"),
        ("figure_broken", "0.5"),
        ("untruth", "False"),
        ("no_figure", "no value"),
    ],
)
def test_a_figure_that_breaks_its_rule_is_told(
    found: dict[str, CheckResult], name: str, observed: str
) -> None:
    assert (found[name].observed, found[name].unexpected_count) == (observed, 0)
    assert found[name].message.endswith(f"; found {observed}")


def test_an_error_shows_no_value_that_holds_quotes_itself(found: dict[str, CheckResult]) -> None:
    assert found["odd_text"].observed == (
        "(_duckdb.ConversionException) Conversion Error: Could not convert string '…'"
    )


def test_the_query_of_a_rule_is_told_as_sql(found: dict[str, CheckResult]) -> None:
    told = found["odd_broken"].expected
    assert told == f"no row of: select * from gold.orders where (status <> {TEXT}) is false"


def test_a_check_tells_which_dimension_its_rule_looks_after(found: dict[str, CheckResult]) -> None:
    assert {name: each.dimension for name, each in found.items() if each.dimension} == {
        "looked_after": "coverage"
    }
