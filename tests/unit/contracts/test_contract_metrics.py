"""Every metric of the standard, with every operator and unit, says what Python says of the rows."""

from __future__ import annotations

import operator as compare
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from contract_files import ContractFolder, Document, custom
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assay.domain import RowRule, Severity, TableRule
from assay.errors import ContractError

Value = str | int | None
Row = tuple[int | None, str | None]
TEXTS: Sequence[str | None] = (None, "", "N/A", "a", "b", "{2}:x'")
NUMBERS: Sequence[int | None] = (None, -1, 0, 1, 2)
KEPT: Mapping[str, Callable[..., bool]] = {
    "mustBe": compare.eq,
    "mustNotBe": compare.ne,
    "mustBeGreaterThan": compare.gt,
    "mustBeGreaterOrEqualTo": compare.ge,
    "mustBeLessThan": compare.lt,
    "mustBeLessOrEqualTo": compare.le,
    "mustBeBetween": lambda figure, low, high: low <= figure <= high,
    "mustNotBeBetween": lambda figure, low, high: figure < low or figure > high,
}


def _figure(condition: str, share: bool = False) -> str:
    count = f"count(*) filter (where ({condition}) is false)"
    figure = f"coalesce(100 * {count} / nullif(count(*), 0), 0)" if share else count
    return f"select {figure} from {{batch}}"


@pytest.mark.parametrize(
    ("quality", "of", "name", "text", "figure", "broken"),
    [
        (
            {"metric": "nullValues", "mustBeLessThan": 5},
            "id",
            "id_null_values",
            "null values of id must be less than 5",
            _figure('"id" is not null'),
            "figure >= 5",
        ),
        (
            {"metric": "nullValues", "mustBeLessThan": 0.5, "unit": "percent"},
            "id",
            "id_null_values",
            "null values of id must be less than 0.5 percent of rows",
            _figure('"id" is not null', share=True),
            "figure >= 0.5",
        ),
        (
            {
                "metric": "invalidValues",
                "mustBeLessOrEqualTo": 1,
                "arguments": {"pattern": "[a-z]{2}:x"},
            },
            "status",
            "status_invalid_values",
            "invalid values of status must be less or equal to 1",
            _figure("regexp_full_match(\"status\", '[a-z]{{2}}\\:x')"),
            "figure > 1",
        ),
        (
            {
                "metric": "missingValues",
                "mustNotBe": 3,
                "name": "few are missing",
                "description": "not just three",
                "arguments": {"missingValues": [None, "N/A"]},
            },
            "status",
            "few are missing",
            "not just three",
            _figure('"status" is not null and "status" not in (\'N/A\')'),
            "figure = 3",
        ),
        (
            {"metric": "duplicateValues", "mustBeLessThan": 10},
            "status",
            "status_duplicate_values",
            "duplicate values of status must be less than 10",
            'select (count(*) filter (where "status" is not null)'
            ' - count(distinct "status") filter (where "status" is not null)) from {batch}',
            "figure >= 10",
        ),
        (
            {"metric": "rowCount", "mustNotBeBetween": [1, 9]},
            "",
            "row_count",
            "row count must not be between 1 and 9",
            "select count(*) from {batch}",
            "figure between 1 and 9",
        ),
    ],
)
def test_a_rule_that_tolerates_some_rows_is_one_figure(
    contracts: ContractFolder,
    quality: Document,
    of: str,
    name: str,
    text: str,
    figure: str,
    broken: str,
) -> None:
    rule = contracts.rule(quality, of)
    assert isinstance(rule, TableRule)
    assert (rule.name, rule.description) == (name, text)
    assert rule.expectation == "unexpected_rows_expectation"
    assert rule.arguments == {
        "unexpected_rows_query": f"select figure from (select ({figure}) as figure) as figures"
        f" where figure is null or isnan(try_cast(figure as double)) or {broken}"
    }


@pytest.mark.parametrize(
    "limit",
    [
        {"mustBe": 0},
        {"mustBeLessOrEqualTo": 0},
        {"mustBeLessThan": 1},
        {"mustBeBetween": [-1, 0.5]},
        {"mustBe": 0, "unit": "percent"},
        {"mustBeLessOrEqualTo": 0, "unit": "percent"},
    ],
    ids=str,
)
def test_a_rule_that_tolerates_no_row_names_the_rows(
    contracts: ContractFolder, limit: Document
) -> None:
    missing = {"metric": "missingValues", "arguments": {"missingValues": ["N/A", None]}}
    predicate = '"status" is not null and "status" not in (\'N/A\')'
    rule = contracts.rule(missing | limit, of="status")
    assert isinstance(rule, RowRule)
    assert (rule.name, rule.predicate) == ("status_present", predicate)
    unique = contracts.rule({"metric": "duplicateValues"} | limit, of="status")
    assert isinstance(unique, TableRule)
    assert unique.expectation == "expect_column_values_to_be_unique"


@pytest.mark.parametrize(
    ("of", "values", "predicate"),
    [
        ("status", ["new", None, "n/a"], "\"status\" in ('new', 'n/a')"),
        ("id", [1, "", None], '"id" in (1)'),
        ("id", [None], '"id" is null'),
    ],
)
def test_null_may_be_listed_among_valid_values(
    contracts: ContractFolder, of: str, values: list[object], predicate: str
) -> None:
    quality = {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": values}}
    rule = contracts.rule(quality, of)
    assert isinstance(rule, RowRule)
    assert rule.predicate == predicate
    listed = [{"value": each} for each in values if each != ""]
    assert [each.predicate for each in contracts.options(of, {"enum": listed})] == [predicate]


@pytest.mark.parametrize(
    ("null_texts", "values", "predicate"),
    [
        (["NA"], ["NA", "-"], "\"status\" is not null and \"status\" not in ('NA', '-')"),
        (["NA"], ["-"], "\"status\" not in ('-')"),
        (["", "NA"], [""], '"status" is not null and "status" not in (\'\')'),
    ],
)
def test_a_text_that_reads_as_null_is_missing_where_it_is_null(
    contracts: ContractFolder, null_texts: list[str], values: list[str], predicate: str
) -> None:
    rule = {"metric": "missingValues", "mustBe": 0, "arguments": {"missingValues": values}}

    def change(document: Document) -> None:
        custom(document, "nullTexts", null_texts)
        document["schema"][0]["properties"][1]["quality"] = [rule]

    assert [each.predicate for each in contracts.read(change).row_rules] == [predicate]


def test_a_number_may_be_missing_as_the_text_that_reads_as_null(contracts: ContractFolder) -> None:
    values = {"missingValues": ["", -1]}
    rule = contracts.rule({"metric": "missingValues", "mustBe": 0, "arguments": values}, of="id")
    assert isinstance(rule, RowRule)
    assert rule.predicate == '"id" is not null and "id" not in (-1)'


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
        Severity.WARNING,
        "",
    )


def _sections() -> st.SearchStrategy[tuple[str, Document]]:
    """A column (or none, for the table) and a metric with its arguments."""
    texts = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)
    valid = st.lists(st.sampled_from(TEXTS[1:]), min_size=1, max_size=3)
    pairs = {"properties": ["number", "text"]}
    return st.one_of(
        st.just(("", {"metric": "rowCount"})),
        st.just(("", {"metric": "duplicateValues", "arguments": pairs})),
        st.sampled_from(["number", "text"]).flatmap(
            lambda column: st.sampled_from(
                [(column, {"metric": "nullValues"}), (column, {"metric": "duplicateValues"})]
            )
        ),
        texts.map(lambda v: ("text", _with("missingValues", "missingValues", v))),
        valid.map(lambda v: ("text", _with("invalidValues", "validValues", v))),
        st.just(("text", _with("invalidValues", "pattern", "[ab]?"))),
        st.just(("number", _with("missingValues", "missingValues", [-1, None]))),
        st.just(("number", _with("invalidValues", "validValues", [0, 1, 2.5]))),
    )


def _with(metric: str, argument: str, value: object) -> Document:
    return {"metric": metric, "arguments": {argument: value}}


def _limits() -> st.SearchStrategy[Document]:
    numbers = st.one_of(st.integers(-1, 8), st.sampled_from([0.5, 12.5, 25, 33.3, 50, 100]))
    ranges = st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]).map(list)
    return st.sampled_from(list(KEPT)).flatmap(
        lambda name: (ranges if name.endswith("Between") else numbers).map(lambda v: {name: v})
    )


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as opened:
        yield opened


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> ContractFolder:
    """Contracts of a table that nobody delivers: no text reads as NULL."""
    return ContractFolder(Path(tmp_path_factory.mktemp("gold")) / "contracts")


@settings(max_examples=400, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    rows=st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(TEXTS)), max_size=8),
    section=_sections(),
    limit=_limits(),
    unit=st.sampled_from([None, "rows", "percent"]),
)
def test_a_rule_judges_a_table_as_python_does(
    connection: duckdb.DuckDBPyConnection,
    gold: ContractFolder,
    rows: list[Row],
    section: tuple[str, Document],
    limit: Document,
    unit: str | None,
) -> None:
    of, metric = section
    assume(not (metric["metric"] == "rowCount" and unit == "percent"))
    try:
        rule = _compile(gold, of, metric | limit | ({"unit": unit} if unit else {}))
    except ContractError as error:
        assert "can never be kept" in error.what
        assert not _is_kept(rows, of, metric, limit, unit)
        return
    assert _judge(connection, rule, rows) == _is_kept(rows, of, metric, limit, unit)


def _compile(contracts: ContractFolder, of: str, quality: Document) -> RowRule | TableRule:
    def change(document: Document) -> None:
        custom(document, "deliveryMode", None)
        custom(document, "layer", "gold")
        entity = document["schema"][0]
        entity["properties"] = [
            {"name": "number", "logicalType": "integer"},
            {"name": "text", "logicalType": "string"},
        ]
        owner = next((each for each in entity["properties"] if each["name"] == of), entity)
        owner["quality"] = [quality]

    contract = contracts.read(change)
    (rule,) = [*contract.row_rules, *contract.table_rules]
    return rule


def _is_kept(rows: list[Row], of: str, metric: Document, limit: Document, unit: str | None) -> bool:
    """Judge the rows without SQL, in exact numbers."""
    count = _count(rows, of, metric)
    figure = Fraction(count)
    if unit == "percent":
        figure = Fraction(100 * count, len(rows)) if rows else Fraction(0)
    ((name, value),) = limit.items()
    values = value if isinstance(value, list) else [value]
    return KEPT[name](figure, *(Fraction(str(each)) for each in values))


def _count(rows: list[Row], of: str, metric: Document) -> int:
    arguments = metric.get("arguments", {})
    if metric["metric"] == "rowCount":
        return len(rows)
    if not of:
        whole = [row for row in rows if None not in row]
        return len(whole) - len(set(whole))
    values: list[Value] = [row[0 if of == "number" else 1] for row in rows]
    there = [value for value in values if value is not None]
    valid = ("", "a", "b") if "pattern" in arguments else arguments.get("validValues", ())
    return {
        "nullValues": len(values) - len(there),
        "duplicateValues": len(there) - len(set(there)),
        "missingValues": sum(value in arguments.get("missingValues", ()) for value in values),
        "invalidValues": sum(value not in valid for value in there),
    }[metric["metric"]]


def _judge(
    connection: duckdb.DuckDBPyConnection, rule: RowRule | TableRule, rows: list[Row]
) -> bool:
    """Ask DuckDB what the compiled rule asks."""
    connection.execute("create or replace temp table batch (number bigint, text varchar)")
    if rows:
        connection.executemany("insert into batch values (?, ?)", rows)
    if isinstance(rule, RowRule):
        query = f"select * from batch where ({rule.predicate}) is false"
        return not connection.execute(query).fetchall()
    arguments = dict(rule.arguments)
    if "unexpected_rows_query" in arguments:
        query = str(arguments["unexpected_rows_query"]).replace("{batch}", "batch")
        query = query.replace("{{", "{").replace("}}", "}").replace("\\:", ":")
        return not connection.execute(query).fetchall()
    return _judge_expectation(rule, rows)


def _judge_expectation(rule: TableRule, rows: list[Row]) -> bool:
    """Do as Great Expectations does; that it does so `test_contract_suites_run` shows."""
    arguments = dict(rule.arguments)
    if rule.expectation == "expect_table_row_count_to_be_between":
        low, high = arguments["min_value"], arguments["max_value"]
        return (low is None or len(rows) >= low) and (high is None or len(rows) <= high)  # type: ignore[operator]
    keys: list[tuple[Value, ...]] = list(rows)
    if "column" in arguments:
        keys = [(row[0 if arguments["column"] == "number" else 1],) for row in rows]
    whole = [key for key in keys if None not in key]
    if rule.expectation == "expect_column_values_to_not_be_null":
        return whole == keys
    assert rule.expectation.endswith("_to_be_unique")
    return len(whole) == len(set(whole))
