"""What a contract demands of keys and values is a dbt test too, once and with its severity."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import jinja2
import pytest
from contract_files import ContractFolder, Document, column, schema

from assay.contracts.dbt_tests import column_tests, table_tests

TOGETHER = Path(__file__).parents[3] / "dbt_project" / "tests" / "generic" / "unique_together.sql"
NONE = {"metric": "nullValues", "mustBe": 0}
ONCE = {"metric": "duplicateValues", "mustBe": 0}
WARN = {"severity": "warning"}
PAIR = {"arguments": {"columns": ["status", "day"]}}


def _pair(**more: object) -> Document:
    return ONCE | {"arguments": {"properties": ["status", "day"]}} | more


@pytest.mark.parametrize(
    ("required", "quality", "tests"),
    [
        (False, [NONE, ONCE], ["not_null", "unique"]),
        (False, [NONE | WARN], [{"not_null": {"config": {"severity": "warn"}}}]),
        (False, [ONCE | WARN], [{"unique": {"config": {"severity": "warn"}}}]),
        (False, [NONE | WARN, NONE | {"name": "there"}], ["not_null"]),
        (True, [NONE | WARN], ["not_null"]),
        (False, [NONE | {"mustBe": 5}, ONCE | {"mustBe": 5}], []),
        (
            False,
            [
                {
                    "type": "custom",
                    "engine": "greatExpectations",
                    "implementation": {
                        "type": "expect_column_values_to_not_be_null",
                        "kwargs": {"mostly": 0.9},
                    },
                }
            ],
            [],
        ),
    ],
    ids=["critical", "null", "twice", "two", "required", "tolerances", "mostly"],
)
def test_rules_of_a_column(
    contracts: ContractFolder, required: bool, quality: list[Document], tests: list[object]
) -> None:
    def change(document: Document) -> None:
        column(document, "status").update(required=required, quality=quality)

    contract = contracts.read(change)
    (status,) = (each for each in contract.columns if each.name == "status")
    assert column_tests(contract, status) == tests


@pytest.mark.parametrize(
    ("quality", "tests"),
    [
        ([_pair()], [{"unique_together": PAIR}]),
        ([_pair(**WARN)], [{"unique_together": PAIR | {"config": {"severity": "warn"}}}]),
        ([_pair(**WARN), _pair(name="pair")], [{"unique_together": PAIR}]),
        ([_pair(mustBe=5)], []),
    ],
    ids=["critical", "warning", "two", "a tolerance"],
)
def test_rules_of_several_columns(
    contracts: ContractFolder, quality: list[Document], tests: list[object]
) -> None:
    def change(document: Document) -> None:
        schema(document)["quality"] = quality

    key = {"unique_together": {"arguments": {"columns": ["id"]}}}
    assert table_tests(contracts.read(change)) == [key, *tests]


def test_null_equals_nothing_in_a_key_of_several_columns() -> None:
    text = re.sub(r"\{% (end)?test.*?%\}", "", TOGETHER.read_text("utf-8"))
    query = jinja2.Template(text).render(model="t", columns=["a", "order"])
    with duckdb.connect() as connection:
        connection.execute('create table t (a integer, "order" integer)')
        connection.execute(
            "insert into t values (1, 1), (1, 1), (2, 1), (3, null), (3, null), (null, null),"
            " (null, null)"
        )
        assert connection.execute(query).fetchall() == [(1, 1, 2)]
