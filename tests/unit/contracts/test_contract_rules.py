"""Every form of a rule compiles to what it says, or is refused; none is dropped."""

from __future__ import annotations

import pytest
from contract_files import ContractFolder, Document, schema

from assay.domain import RowRule, Severity, TableRule
from assay.errors import ContractError

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
ROWS = {"metric": "rowCount"}
SQL = {"type": "sql", "query": "select 1 from ${object}"}
OWN = {"type": "custom", "engine": "assay", "name": "r"}
GX = {"type": "custom", "engine": "greatExpectations"}
NULLS = {"metric": "nullValues"}
MISSING = {"metric": "missingValues"}
INVALID = {"metric": "invalidValues", "mustBe": 0}
PERCENT = {"unit": "percent"}


@pytest.mark.parametrize(
    ("quality", "of", "expected"),
    [
        (
            {"metric": "duplicateValues", "mustBe": 0, "unit": "rows"},
            "status",
            TableRule(
                "status_unique",
                "expect_column_values_to_be_unique",
                {"column": "status"},
                CRITICAL,
                "",
            ),
        ),
        (
            {
                "metric": "duplicateValues",
                "mustBeLessOrEqualTo": 0,
                "arguments": {"properties": ["id", "day"]},
                "severity": "low",
            },
            "",
            TableRule(
                "id_day_unique",
                "expect_compound_columns_to_be_unique",
                {"column_list": ["id", "day"]},
                INFO,
                "",
            ),
        ),
        (
            {"metric": "nullValues", "mustBe": 0, "name": "priced", "description": "has a price"},
            "price",
            TableRule(
                "priced",
                "expect_column_values_to_not_be_null",
                {"column": "price"},
                CRITICAL,
                "has a price",
            ),
        ),
        (
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["it's", "b"]}},
            "status",
            RowRule(
                "status_valid",
                "\"status\" in ('it''s', 'b')",
                CRITICAL,
                "status is one of its valid values",
                "status",
            ),
        ),
        (
            {
                "metric": "invalidValues",
                "mustBe": 0,
                "name": "shape",
                "severity": "warning",
                "arguments": {"pattern": "[a-z']{2}"},
            },
            "status",
            RowRule(
                "shape",
                "regexp_full_match(\"status\", '[a-z'']{2}')",
                WARNING,
                "status is one of its valid values",
                "status",
            ),
        ),
        (
            {
                "type": "custom",
                "engine": "assay",
                "name": "paid_later",
                "implementation": " price > 0 or status = ';--' ",
                "description": "d",
            },
            "",
            RowRule("paid_later", "price > 0 or status = ';--'", CRITICAL, "d"),
        ),
        (
            {
                "type": "custom",
                "engine": "great-expectations",
                "implementation": {"type": "expect_column_max_to_be_between", "kwargs": {"min": 1}},
            },
            "price",
            TableRule(
                "price_expect_column_max_to_be_between",
                "expect_column_max_to_be_between",
                {"min": 1, "column": "price"},
                CRITICAL,
                "",
            ),
        ),
    ],
    ids=["unique", "unique together", "not null", "values", "pattern", "predicate", "expectation"],
)
def test_rules(
    contracts: ContractFolder, quality: Document, of: str, expected: RowRule | TableRule
) -> None:
    assert contracts.rule(quality, of) == expected


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("unexpected_rows_expectation", {"unexpected_rows_query": "select * from {batch}"}),
        ("expect_table_row_count_to_be_between", {"min_value": 1}),
        ("expect_column_pair_values_to_be_equal", {"column_A": "id", "column_B": "price"}),
    ],
)
def test_an_expectation_that_takes_no_column_gets_none(
    contracts: ContractFolder, kind: str, kwargs: Document
) -> None:
    rule = contracts.rule(GX | {"implementation": {"type": kind, "kwargs": kwargs}}, "price")
    assert isinstance(rule, TableRule)
    assert (rule.expectation, rule.arguments) == (kind, kwargs)


@pytest.mark.parametrize(
    "rule", [ROWS | {"mustBe": 5}, OWN | {"implementation": "id > 1"}], ids=["table", "row"]
)
def test_a_dimension_goes_with_its_rule(contracts: ContractFolder, rule: Document) -> None:
    assert contracts.rule(rule | {"dimension": "accuracy"}).dimension == "accuracy"


def test_a_text_is_for_people(contracts: ContractFolder) -> None:
    def add(document: Document) -> None:
        schema(document)["quality"] = [{"type": "text", "description": "Should be good."}]

    contract = contracts.read(add)
    assert (contract.row_rules, contract.table_rules) == ((), ())


@pytest.mark.parametrize(
    ("quality", "of", "found"),
    [
        (ROWS | {"mustBe": 0.5}, "", "can never be kept"),
        (ROWS | {"mustBeLessThan": 0}, "", "can never be kept"),
        (ROWS | {"mustBe": "five"}, "", "says mustBe: 'five'"),
        (ROWS | {"mustBe": True}, "", "says mustBe: True"),
        (ROWS | {"mustBeBetween": [2, 1]}, "", "says mustBeBetween: [2, 1]"),
        (ROWS | {"mustBe": 5, "unit": "percent"}, "", "has the unit 'percent'"),
        (ROWS | {"mustBe": 5, "arguments": {"x": 1}}, "", "has the argument x"),
        (ROWS | {"mustBe": 5}, "id", "the metric 'rowCount' cannot be compiled for a column"),
        (NULLS | {"mustBe": 0}, "", "'nullValues' cannot be compiled for a table"),
        (NULLS | {"mustBe": 0, "unit": "dozens"}, "id", "has the unit 'dozens'"),
        (NULLS | {"mustBeLessThan": 0}, "id", "can never be kept: no count of rows fits"),
        (NULLS | {"mustBeBetween": [0.2, 0.8]}, "id", "no count of rows fits must be between 0.2"),
        (NULLS | PERCENT | {"mustBeGreaterThan": 100}, "id", "no share of rows, 0 to 100, fits"),
        (NULLS | PERCENT | {"mustNotBeBetween": [-1, 101]}, "id", "no share of rows"),
        (NULLS | PERCENT | {"mustBe": 101}, "id", "no share of rows"),
        (NULLS | {"mustBe": [1]}, "id", "says mustBe: [1]"),
        (NULLS | {"mustBe": 5, "arguments": {"validValues": [1]}}, "id", "has the argument"),
        (MISSING | {"mustBe": 0}, "id", "needs the argument missingValues, a list; found None"),
        (
            MISSING | {"mustBe": 0, "arguments": {"missingValues": [None, "-"]}},
            "id",
            "'-' stands beside a column of the type bigint: expected a number",
        ),
        (
            MISSING | {"mustBe": 0, "arguments": {"missingValues": [0]}},
            "status",
            "0 stands beside a column of the type varchar: expected a text in quotes",
        ),
        (
            MISSING | {"mustBe": 0, "arguments": {"missingValues": ["soon"]}},
            "day",
            "'soon' stands beside a column of the type date: expected a day",
        ),
        (
            MISSING | {"mustBe": 0, "arguments": {"missingValues": [True]}},
            "price",
            "True stands beside a column of the type decimal(10, 2): expected a number",
        ),
        (
            {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["id", "gone"]}},
            "",
            "names 'gone', which is no column or stands twice",
        ),
        (
            {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["id", "id"]}},
            "",
            "names 'id', which is no column or stands twice",
        ),
        (
            {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": [["id"]]}},
            "",
            "names ['id'], which is no column or stands twice",
        ),
        (
            {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["id"]}},
            "id",
            "has the argument properties",
        ),
        (
            INVALID | {"arguments": {"validValues": ["a"], "pattern": "a"}},
            "status",
            "has validValues and pattern",
        ),
        (INVALID | {"arguments": {"pattern": "1"}}, "id", "has the pattern '1'"),
        (INVALID | {"arguments": {"pattern": None}}, "status", "has the pattern None"),
        (INVALID | {"arguments": {"patern": "1"}}, "status", "has the argument patern"),
        (INVALID | {"arguments": {"validValues": ["5"]}}, "id", "'5' stands beside a column"),
        (INVALID | {"arguments": {"validValues": [5]}}, "status", "5 stands beside a column"),
        ({"description": "no metric"}, "", "the rule 'library' has no metric"),
        (SQL | {"mustBeGreaterThan": 1, "metric": "rowCount"}, "", "is of type sql but has metric"),
        (
            {"type": "text", "metric": "rowCount", "mustBe": 0},
            "",
            "is of type text but has metric",
        ),
        (OWN | {"implementation": "true", "unit": "percent"}, "", "is of type custom but has unit"),
        (ROWS | {"mustBe": 1, "rule": "rowCount"}, "", "has rule"),
        (ROWS | {"mustBe": 1, "schedule": "0 20 * * *"}, "", "has schedule"),
        (ROWS | {"mustBe": 1, "scheduler": "cron"}, "", "has scheduler"),
        (
            ROWS | {"mustBe": 1, "customProperties": [{"property": "sample", "value": 5}]},
            "",
            "has customProperties",
        ),
        (GX | {"implementation": {"kwargs": {}}}, "", "that is not `type` and `kwargs`"),
        (GX | {"implementation": {"type": "x", "mostly": 1}}, "", "not `type` and `kwargs`"),
        (GX | {"implementation": {"type": "x", "kwargs": [1]}}, "", "not `type` and `kwargs`"),
        (GX | {"implementation": "type: [x"}, "", "not `type` and `kwargs`"),
        (
            GX | {"implementation": "type: x\nkwargs: {mostly: 0.5, mostly: 0.9}"},
            "",
            "not `type` and `kwargs`",
        ),
        (
            GX | {"implementation": {"type": "x", "kwargs": {"column_list": ["id", "gone"]}}},
            "",
            "speaks of 'gone', which is no column",
        ),
        (
            GX | {"implementation": {"type": "x", "kwargs": {"max_value": float("nan")}}},
            "",
            "has kwargs that a suite cannot hold",
        ),
        (
            {"metric": "duplicateValues", "mustBe": 0},
            "",
            "needs the argument properties, a list",
        ),
        ({"metric": "invalidValues", "mustBe": 0}, "id", "needs the argument validValues"),
        (
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": []}},
            "id",
            "needs the argument validValues",
        ),
        (
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [[1]]}},
            "id",
            "[1] cannot be compared with",
        ),
        (
            {"metric": "invalidValues", "mustBe": 0, "name": "A b", "arguments": {"pattern": "x"}},
            "status",
            "has the name 'A b'",
        ),
        (SQL | {"mustBe": "a"}, "", "says mustBe: 'a'"),
        (SQL | {"mustBe": 0, "query": "select 1"}, "", "must read ${object}"),
        (
            SQL | {"mustBe": 0, "query": "select ${batch}"},
            "",
            "names ${batch}, which means nothing",
        ),
        (
            SQL | {"mustBe": 0, "query": "select ${column} from ${object}"},
            "",
            "names ${column}, which means nothing",
        ),
        (
            SQL | {"mustBe": 0, "query": "select 1 from ${object} -- all"},
            "",
            "the SQL of the rule 'sql' has a comment",
        ),
        (OWN | {"implementation": "a > 1 -- or"}, "", "the SQL of the rule 'r' has a comment"),
        (OWN | {"implementation": "a /* b */ > 1"}, "", "has a comment"),
        (OWN | {"implementation": "a > 1; drop table x"}, "", "has a semicolon"),
        (OWN | {"implementation": "a > 1) or (true"}, "", "has brackets that do not match"),
        (OWN | {"implementation": "(a > 1"}, "", "has brackets that do not match"),
        (OWN | {"implementation": "a = 'x"}, "", "has a quote that is not closed"),
        (OWN | {"implementation": "a = e'\\'' ; e'\\''"}, "", "has a semicolon"),
        (OWN | {"implementation": "a = $$x$$ ; $$y$$"}, "", "has a semicolon"),
        (OWN | {"implementation": "a = $b$ $$ -- $b$ -- c"}, "", "has a comment"),
        (OWN | {"implementation": "a$b$ ; c$b$"}, "", "has a semicolon"),
        (OWN | {"implementation": "  "}, "", "has nothing in it"),
        (OWN | {"implementation": "a > 1", "name": "Nice name"}, "", "has the name 'Nice name'"),
        (OWN | {"implementation": "a > 1", "name": "r\n"}, "", "has the name 'r\n'"),
        (OWN | {"implementation": "a > 1", "severity": "dire"}, "", "severity 'dire' is not known"),
        (
            {"type": "custom", "engine": "soda", "implementation": "x"},
            "",
            "is of type custom for the engine soda",
        ),
        (OWN | {"implementation": {"type": "x"}}, "", "has the implementation {'type': 'x'}"),
    ],
)
def test_what_cannot_be_compiled_is_refused(
    contracts: ContractFolder, quality: Document, of: str, found: str
) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.rule(quality, of)
    assert found in caught.value.what
    assert caught.value.where.startswith("contracts/shop/orders.odcs.yaml:")
    assert ".quality." in caught.value.where


@pytest.mark.parametrize("name", ["twice", "id_minimum", "id_type", "day_required", "key_conflict"])
def test_no_two_rules_share_a_name(contracts: ContractFolder, name: str) -> None:
    def add(document: Document) -> None:
        rule = OWN | {"name": name, "implementation": "true"}
        schema(document)["quality"] = [rule, rule] if name == "twice" else [rule]
        schema(document)["properties"][0]["logicalTypeOptions"] = {"minimum": 1}

    with pytest.raises(ContractError, match=f"rules named twice: {name}"):
        contracts.read(add)


@pytest.mark.parametrize(
    ("text", "severity"),
    [("critical", CRITICAL), ("Error", CRITICAL), ("medium", WARNING), ("INFO", INFO)],
)
def test_severities(contracts: ContractFolder, text: str, severity: Severity) -> None:
    assert contracts.rule(ROWS | {"mustBe": 5, "severity": text}).severity is severity


@pytest.mark.parametrize(
    "predicate",
    ["status = $$;--('$$", "status = $a$ ; $$ ( $a$", "status = E'\\' ; ('", "status = 'a'';--('"],
)
def test_what_stands_in_quotes_is_no_sql(contracts: ContractFolder, predicate: str) -> None:
    rule = contracts.rule(OWN | {"implementation": predicate})
    assert isinstance(rule, RowRule)
    assert rule.predicate == predicate
