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
    ("name", "changes", "expected"),
    [
        (
            "id",
            {"logicalTypeOptions": {"minimum": 1, "exclusiveMaximum": 9.5, "multipleOf": 2}},
            [
                ("id_minimum", '"id" >= 1', "id is at least 1"),
                ("id_exclusive_maximum", '"id" < 9.5', "id is below 9.5"),
                ("id_multiple_of", '"id" % 2 = 0', "id is a multiple of 2"),
            ],
        ),
        (
            "status",
            {"logicalTypeOptions": {"minLength": 1, "maxLength": 3, "pattern": "it's {2}\\d"}},
            [
                (
                    "status_minimum_length",
                    'length("status") >= 1',
                    "status is at least 1 characters",
                ),
                (
                    "status_maximum_length",
                    'length("status") <= 3',
                    "status is at most 3 characters",
                ),
                (
                    "status_pattern",
                    "regexp_full_match(\"status\", 'it''s {2}\\d')",
                    "status is as the pattern it's {2}\\d",
                ),
            ],
        ),
        (
            "day",
            {"logicalTypeOptions": {"minimum": "2013-01-01", "format": "yyyy-MM-dd"}},
            [("day_minimum", "\"day\" >= '2013-01-01'", "day is at least 2013-01-01")],
        ),
        (
            "at",
            {
                "logicalTypeOptions": {
                    "exclusiveMinimum": "2013-01-01 00:00:00",
                    "timezone": True,
                    "defaultTimezone": "Etc/UTC",
                }
            },
            [
                (
                    "at_exclusive_minimum",
                    "\"at\" > '2013-01-01 00:00:00'",
                    "at is above 2013-01-01 00:00:00",
                )
            ],
        ),
        ("at", {"physicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}, []),
        (
            "status",
            {"logicalTypeOptions": {"format": "hostname"}},
            [
                (
                    "status_format",
                    'regexp_full_match("status", \'[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
                    "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*')"
                    ' and length("status") <= 253',
                    "status is of the format hostname",
                )
            ],
        ),
        ("id", {"logicalTypeOptions": {"format": "i64"}}, []),
        ("id", {"physicalType": "smallint", "logicalTypeOptions": {"format": "i16"}}, []),
        ("price", {"physicalType": "float", "logicalTypeOptions": {"format": "f32"}}, []),
        (
            "status",
            {"enum": [{"value": "it's"}, {"value": "open", "label": "Open"}]},
            [
                (
                    "status_enum",
                    "\"status\" in ('it''s', 'open')",
                    "status is one of its listed values",
                )
            ],
        ),
    ],
)
def test_options(
    contracts: ContractFolder, name: str, changes: Document, expected: list[tuple[str, str, str]]
) -> None:
    assert contracts.options(name, changes) == tuple(
        RowRule(rule, predicate, CRITICAL, text, name) for rule, predicate, text in expected
    )


@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        ("status", {"format": "byte"}, "column 'status', a string, has the option format: byte"),
        ("day", {"format": "dd.MM.yyyy"}, "a date, has the option format: dd.MM.yyyy"),
        ("day", {"minimum": "January"}, "minimum of 'day' is 'January': expected YYYY-MM-DD"),
        ("at", {"format": "HH:mm"}, "a timestamp, has the option format: HH:mm"),
        ("at", {"timezone": False}, "a timestamp, has the option timezone: False"),
        ("at", {"defaultTimezone": "Europe/Paris"}, "the option defaultTimezone: Europe/Paris"),
        ("at", {"maximum": "noon"}, "maximum of 'at' is 'noon'"),
        ("id", {"format": "i8"}, "column 'id', a integer, has the option format: i8"),
        ("id", {"format": "u64"}, "has the option format: u64"),
        ("price", {"format": "f64"}, "has the option format: f64"),
        ("price", {"minimum": float("nan")}, "nan cannot be compared with"),
        ("price", {"maximum": float("inf")}, "inf cannot be compared with"),
        ("status", {"pattern": "(a"}, "the pattern '(a' cannot be matched"),
        ("status", {"pattern": "(?=a)b"}, "it looks around or back"),
        ("status", {"pattern": "(?<!a)b"}, "it looks around or back"),
        ("status", {"pattern": "(a)\\1"}, "it looks around or back"),
    ],
)
def test_options_that_cannot_be_kept(
    contracts: ContractFolder, name: str, options: Document, found: str
) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.options(name, {"logicalTypeOptions": options})
    assert found in caught.value.what
    assert caught.value.todo


def _figure(condition: str, query: str = "select count(*) from {batch}") -> str:
    return (
        f"select figure from (select ({query}) as figure) as figures"
        f" where figure is null or {condition}"
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


@pytest.mark.parametrize(
    ("operator", "low", "high"),
    [
        ({"mustBe": 5}, 5, 5),
        ({"mustBeGreaterThan": 0}, 1, None),
        ({"mustBeGreaterThan": 0.5}, 1, None),
        ({"mustBeGreaterOrEqualTo": 0.5}, 1, None),
        ({"mustBeLessThan": 9}, None, 8),
        ({"mustBeLessThan": 8.5}, None, 8),
        ({"mustBeLessOrEqualTo": 8.5}, None, 8),
        ({"mustBeBetween": [1, 2]}, 1, 2),
    ],
    ids=str,
)
def test_row_counts(
    contracts: ContractFolder, operator: Document, low: int | None, high: int | None
) -> None:
    assert contracts.rule({"metric": "rowCount", "severity": "warning"} | operator) == TableRule(
        "row_count",
        "expect_table_row_count_to_be_between",
        {"min_value": low, "max_value": high},
        WARNING,
        "",
    )


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
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [None]}},
            "id",
            "None cannot be compared with",
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
