"""`assay contracts compile` refuses SQL that no run could execute, with its line."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from assay.cli.main import run

FILE = "contracts/shop/orders.odcs.yaml"
ORDERS: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "shop.orders",
    "version": "1.0.0",
    "status": "active",
    "schema": [
        {
            "name": "orders",
            "quality": [],
            "customProperties": [{"property": "deliveryMode", "value": "append"}],
            "properties": [
                {"name": "id", "logicalType": "integer"},
                {"name": "status", "logicalType": "string"},
                {"name": "day", "logicalType": "date"},
                {"name": "at", "logicalType": "timestamp"},
                {
                    "name": "target",
                    "logicalType": "object",
                    "properties": [{"name": "zip", "logicalType": "string"}],
                },
            ],
        }
    ],
}
PART = {"name": "zip", "logicalType": "string"}
Compile = Callable[..., Result]


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compile:
    """Compile one contract with these rules, of a landed or of a gold table."""
    (tmp_path / "contracts" / "shop").mkdir(parents=True)
    (tmp_path / "dbt_project").mkdir()
    monkeypatch.setenv("ASSAY_PROJECT", str(tmp_path))

    def compile_with(*rules: dict[str, Any], layer: str = "silver", **of: Any) -> Result:
        document = copy.deepcopy(ORDERS)
        (entity,) = document["schema"]
        entity["quality"] = list(rules)
        for name, changes in of.items():
            next(each for each in entity["properties"] if each["name"] == name).update(changes)
        if layer == "gold":
            entity["customProperties"] = [{"property": "layer", "value": "gold"}]
        text = yaml.safe_dump(document, sort_keys=False)
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        result = CliRunner().invoke(run, ["contracts", "compile"])
        assert (tmp_path / "expectations").exists() is (result.exit_code == 0)
        return result

    return compile_with


def _own(predicate: str) -> dict[str, Any]:
    return {"type": "custom", "engine": "assay", "name": "r", "implementation": predicate}


def _figure(query: str) -> dict[str, Any]:
    return {"type": "sql", "name": "r", "query": query, "mustBe": 0}


def _rows(query: str) -> dict[str, Any]:
    kwargs = {"unexpected_rows_query": query}
    found = {"type": "unexpected_rows_expectation", "kwargs": kwargs}
    engine = {"type": "custom", "engine": "greatExpectations"}
    return engine | {"name": "r", "implementation": found}


FAULTS = {
    "unknown column": (_own("idd > 0"), 'Referenced column "idd" not found in FROM clause!'),
    "unknown function": (_own("smell(id) > 0"), "Scalar Function with name smell does not exist!"),
    "unknown part": (_own("target.zap = ''"), 'Could not find key "zap" in struct'),
    "no syntax": (_own("id > > 0"), "syntax error"),
    "two types": (_own("id in ('a', 'b')"), "Could not convert string 'a' to INT64"),
    "no truth": (_own("id + 1"), "it is of the type BIGINT: expected true or false"),
    "chance": (
        _own("id > 0 or RANDOM() > 0.5"),
        "random() gives another answer each time it is asked",
    ),
    "a time of its own": (
        _own("id > 0 or now() > timestamptz '2026-01-01'"),
        "now() gives another answer each time it is asked, and a rule is asked more than once",
    ),
    "a day without brackets": (
        _own("id > 0 or current_date > '2026-01-01'"),
        "current_date() gives another answer",
    ),
    "a time without brackets": (
        _own("id > 0 or Current_Timestamp > '2026-01-01'"),
        "get_current_timestamp() gives another answer",
    ),
    "an age": (_own("AGE(timestamp '2026-01-01') > interval 1 day"), "age() of one time gives"),
    "over rows": (_own("count(*) > 0"), "cannot contain aggregates"),
    "over other rows": (_own("row_number() over () > 0"), "cannot contain window functions"),
    "another table": (_figure("select count(*) from ${object} join silver.x using (id)"), "silver"),
    "a file": (
        _figure("select count(*) from ${object}, read_text('/etc/hostname')"),
        "file system operations are disabled",
    ),
    "two figures": (_figure("select id, 1 from ${object}"), "Subquery returns 2 columns"),
    "a figure of each row": (
        _figure("select id from ${object}"),
        "More than one row returned by a subquery used as an expression",
    ),
    "a figure out of nothing": (
        _figure("select count(*) from ${object} where id = 'a'"),
        "Could not convert string 'a' to INT64",
    ),
    "a table of its own": (
        _figure("select count(*) from ${object} join table_of_the_rule using (id)"),
        "Table with name table_of_the_rule does not exist!",
    ),
    "a row out of range": (_own("ln(coalesce(id, 0)) > 1"), "cannot take logarithm of zero"),
    "a text": (
        _figure("select max(status) from ${object}"),
        "its figure is of the type VARCHAR: expected a number, true or false",
    ),
    "written for Great Expectations": (
        _rows("select * from {batch} where idd > 0"),
        'Referenced column "idd" not found',
    ),
    "a deletion": (_rows("delete from {batch}"), "its statements are DELETE"),
    "a removal": (_rows("drop table {batch}"), "its statements are DROP"),
    "another table in its place": (
        _rows("create or replace table {batch} as select 1"),
        "its statements are CREATE",
    ),
    "two statements": (
        _rows("select * from {batch}; select 1"),
        "its statements are SELECT and SELECT: expected one SELECT",
    ),
    "no statement": (_rows("-- {batch}"), "its statements are nothing"),
}


@pytest.mark.parametrize("layer", ["silver", "gold"])
@pytest.mark.parametrize("case", FAULTS)
def test_sql_that_cannot_run_is_refused(compiled: Compile, case: str, layer: str) -> None:
    rule, fault = FAULTS[case]
    result = compiled(rule, layer=layer)
    assert (result.exit_code, fault in result.output) == (1, True), result.output
    assert "the rule 'r' is SQL that DuckDB does not take: " in result.output
    assert re.search(rf"where: {FILE}:\d+ at schema\.orders\.quality\.r\b", result.output)


@pytest.mark.parametrize(
    ("column", "option", "value", "fault"),
    [
        ("status", "pattern", "a++", "bad repetition operator: ++"),
        ("status", "pattern", "(a", "missing ): (a"),
        ("status", "pattern", "(?=a)b", "invalid perl operator: (?="),
        ("status", "pattern", "(?<!a)b", "invalid perl operator: (?<"),
        ("status", "pattern", "(a)\\1", "invalid escape sequence: \\1"),
    ],
)
def test_what_follows_from_an_option_is_tried_too(
    compiled: Compile, column: str, option: str, value: str, fault: str
) -> None:
    result = compiled(**{column: {"logicalTypeOptions": {option: value}}})
    assert (result.exit_code, fault in result.output) == (1, True), result.output
    assert f"the rule '{column}_{option}' is SQL that DuckDB does not take" in result.output
    place = f"schema.orders.properties.{column}.logicalTypeOptions.{option}"
    assert re.search(rf"where: {FILE}:\d+ at {re.escape(place)}\n", result.output)
    assert ("RE2" in result.output) is (option == "pattern")


DAYS = [{"value": "2024-01-31"}, {"value": "20240131"}]
MATCHED = {"metric": "invalidValues", "arguments": {"pattern": "(?=a)"}}
INVALID, TOLERATED = MATCHED | {"mustBe": 0}, MATCHED | {"mustBeLessThan": 5}


@pytest.mark.parametrize(
    ("of", "changes", "place", "todo"),
    [
        ("status", {"quality": [INVALID]}, "properties.status.quality.0.arguments.pattern", "RE2"),
        (
            "status",
            {"quality": [TOLERATED]},
            "properties.status.quality.0.arguments.pattern",
            "RE2",
        ),
        (
            "target",
            {"properties": [PART | {"logicalTypeOptions": {"pattern": "(?=a)"}}]},
            "properties.target.properties.zip.logicalTypeOptions.pattern",
            "RE2",
        ),
        (
            "day",
            {"enum": DAYS},
            "properties.day.enum.1.value",
            "own type",
        ),
        ("at", {"enum": [{"value": "2024-01-31T12"}]}, "properties.at.enum.0.value", "own type"),
    ],
    ids=["a metric", "a tolerance", "a part", "a day", "an instant"],
)
def test_an_error_names_the_entry_that_says_it(
    compiled: Compile, of: str, changes: dict[str, Any], place: str, todo: str
) -> None:
    result = compiled(**{of: changes})
    assert (result.exit_code, todo in result.output) == (1, True), result.output
    assert re.search(rf"where: {FILE}:\d+ at schema\.orders\.{re.escape(place)}\n", result.output)


SOUND_PATTERNS = ["\\p{L}+\\z", "C:\\\\1", "[(?=]+"]
SOUND = [
    _own('age("at", day) > interval 1 day and "at" <= _ingested_at and "target".zip <> \'{x}\''),
    {**_figure("select 100 * count(*) / nullif(max(id), 0) from ${object}"), "name": "share"},
    {
        **_figure("select bool_and(status = ':z') from ${object} where {'a': id}.a > 0"),
        "name": "truth",
        "mustBe": True,
    },
    {"metric": "rowCount", "mustNotBe": 3},
    {**_figure("select log10(count(distinct status)) from ${object}"), "name": "digits"},
    {**_figure("select id from ${object} order by id limit 1"), "name": "least"},
]


@pytest.mark.parametrize("pattern", SOUND_PATTERNS)
def test_sql_that_can_run_is_compiled(compiled: Compile, pattern: str) -> None:
    result = compiled(*SOUND, status={"logicalTypeOptions": {"pattern": pattern}})
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "shop: 0 files are as the contracts say",
    )


def test_a_gold_table_has_no_load_columns(compiled: Compile) -> None:
    result = compiled(_own("_ingested_at is not null"), layer="gold")
    assert (result.exit_code, '"_ingested_at" not found' in result.output) == (1, True)
