"""A rule in SQL is one figure over the table, held to its operator."""

from __future__ import annotations

import pytest
from contract_files import ContractFolder, Document

from assay.contracts.operators import Limit
from assay.domain import Severity, TableRule

CRITICAL = Severity.CRITICAL


def _figure(condition: str, query: str = "select count(*) from {batch}") -> str:
    return (
        f"select figure from (select ({query}) as figure) as figures"
        f" where figure is null or isnan(try_cast(figure as double)) or {condition}"
    )


@pytest.mark.parametrize(
    ("operator", "condition"),
    [
        ({"mustBe": 5}, "figure <> 5"),
        ({"mustBe": 0.5}, "figure <> 0.5"),
        ({"mustNotBe": 0}, "figure = 0"),
        ({"mustBeGreaterThan": 0}, "figure <= 0"),
        ({"mustBeGreaterThan": 0.5}, "figure <= 0.5"),
        ({"mustBeGreaterOrEqualTo": 1}, "figure < 1"),
        ({"mustBeLessThan": 1}, "figure >= 1"),
        ({"mustBeLessOrEqualTo": 1.5}, "figure > 1.5"),
        ({"mustBeBetween": [1, 2]}, "figure < 1 or figure > 2"),
        ({"mustNotBeBetween": [1, 2]}, "figure between 1 and 2"),
    ],
    ids=str,
)
def test_every_operator_of_an_sql_rule(
    contracts: ContractFolder, operator: Document, condition: str
) -> None:
    quality = {"type": "sql", "name": "some", "query": "select count(*) from ${object};"}
    assert contracts.rule(quality | operator) == TableRule(
        "some",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": _figure(condition)},
        CRITICAL,
        "",
        figure_unit="",
    )


@pytest.mark.parametrize(
    ("query", "compiled"),
    [
        ("select count(*) from {table}", "select count(*) from {batch}"),
        (
            "select count(*) from ${table} where ${column} = '{x}' and ${property} > 1",
            'select count(*) from {batch} where "price" = \'{{x}}\' and "price" > 1',
        ),
        (
            "select max({'a': price}.a) from ${object} where x = ':y' and '--' <> ';'",
            "select max({{'a': price}}.a) from {batch} where x = '\\:y' and '--' <> ';'",
        ),
    ],
)
def test_placeholders_of_an_sql_rule(contracts: ContractFolder, query: str, compiled: str) -> None:
    rule = contracts.rule({"type": "sql", "query": query, "mustBe": 0}, of="price")
    assert isinstance(rule, TableRule)
    assert rule.name == "price"
    assert rule.arguments == {"unexpected_rows_query": _figure("figure <> 0", compiled)}


def test_the_figure_of_an_operator_is_written_in_full() -> None:
    assert Limit("mustBeLessThan", (0.00001,)).broken_when() == "figure >= 0.00001"
    assert Limit("mustBeGreaterThan", (1e18,)).broken_when() == "figure <= 1000000000000000000"
    assert Limit("mustBe", (True,)).broken_when() == "figure <> true"
