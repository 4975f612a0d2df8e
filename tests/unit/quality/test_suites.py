"""Suites as files: merged, openable by GX, refused with file and place when they are not right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.domain import Severity
from assay.errors import AuditFailed, QualityError
from assay.quality import Expectation, Suite, check_suites, load_suite

from .conftest import TABLE, WriteSuite

NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "order_id"}}
ROW_COUNT = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}


def test_own_suite_follows_the_compiled_one(expectations: Path, write_suite: WriteSuite) -> None:
    path = write_suite(NOT_NULL)
    own = write_suite(
        {**ROW_COUNT, "severity": "warning", "meta": {"name": "some_orders"}}, own=True
    )
    assert load_suite(expectations, "shop", TABLE) == Suite(
        name="orders",
        product="shop",
        table=TABLE,
        expectations=(
            Expectation(
                "orders",
                "expect_column_values_to_not_be_null",
                {"column": "order_id"},
                place=f"{path}, expectation 1",
            ),
            Expectation(
                "orders.own",
                "expect_table_row_count_to_be_between",
                {"min_value": 1},
                Severity.WARNING,
                meta={"name": "some_orders"},
                place=f"{own}, expectation 1",
            ),
        ),
    )


def test_an_own_suite_beside_none_is_refused_before_a_run(
    expectations: Path, write_suite: WriteSuite
) -> None:
    write_suite(NOT_NULL)
    own = write_suite(ROW_COUNT, own=True)
    check_suites(expectations, "shop")
    astray = own.rename(own.with_name("fct_ordres.own.json"))
    with pytest.raises(QualityError) as refused:
        check_suites(expectations, "shop")
    assert str(refused.value) == (
        "fct_ordres.own.json belongs to no table of shop: its expectations are never checked\n"
        f"  where: {astray}\n"
        "  what to do: give it the name of the table's suite (did you mean fct_orders?), or"
        " remove it"
    )


def test_gx_opens_the_same_file(write_suite: WriteSuite) -> None:
    import great_expectations as gx

    path = write_suite(NOT_NULL, {**ROW_COUNT, "severity": "warning"})
    suite = gx.ExpectationSuite(**json.loads(path.read_text()))
    assert [(each.expectation_type, each.severity.value) for each in suite.expectations] == [
        ("expect_column_values_to_not_be_null", "critical"),
        ("expect_table_row_count_to_be_between", "warning"),
    ]


def test_what_gx_writes_is_a_suite(expectations: Path, write_suite: WriteSuite) -> None:
    import great_expectations as gx

    suite = gx.ExpectationSuite(
        name="orders",
        expectations=[gx.expectations.ExpectColumnValuesToBeUnique(column="order_id")],
    )
    write_suite().write_text(json.dumps(suite.to_json_dict()))
    (found,) = load_suite(expectations, "shop", TABLE).expectations
    assert (found.type, found.column, found.severity) == (
        "expect_column_values_to_be_unique",
        "order_id",
        Severity.CRITICAL,
    )


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda write_suite: None, id="missing"),
        pytest.param(lambda write_suite: write_suite(), id="without_expectations"),
        pytest.param(lambda write_suite: write_suite(NOT_NULL, own=True), id="own_suite_alone"),
    ],
)
def test_no_suite_fails_the_audit(
    expectations: Path, write_suite: WriteSuite, write: Callable[[WriteSuite], object]
) -> None:
    write(write_suite)
    with pytest.raises(AuditFailed, match=r"cannot pass|not a pass") as refused:
        load_suite(expectations, "shop", TABLE)
    assert refused.value.where == str(expectations / "shop" / "fct_orders.json")
    assert refused.value.todo


REFUSED_TEXTS = {
    "malformed": ('{"name": "orders",\n "expectations": [}', "not JSON", ", line 2, column 19"),
    "not_utf8": (b"\xff\xfe", "cannot be read", ""),
    "a_list": ("[]", "the suite is a list, expected an object", ""),
    "no_name": ('{"expectations": []}', "'name' is missing, expected a text", ""),
    "no_list": (
        '{"name": "orders", "expectations": {}}',
        "'expectations' is an object, expected a list",
        "",
    ),
}


@pytest.mark.parametrize(
    ("content", "what", "place"), REFUSED_TEXTS.values(), ids=REFUSED_TEXTS.keys()
)
def test_unreadable_file_is_refused(
    expectations: Path, write_suite: WriteSuite, content: str | bytes, what: str, place: str
) -> None:
    path = write_suite()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(QualityError, match=what) as refused:
        load_suite(expectations, "shop", TABLE)
    assert refused.value.where == f"{path}{place}"
    assert not isinstance(refused.value, AuditFailed)


REFUSED_ENTRIES = {
    "not_an_object": ("expect_it", "it is a text, expected an object with 'type' and 'kwargs'"),
    "no_type": ({"kwargs": {}}, "'type' is missing, expected a text such as"),
    "unknown_type": (
        {"type": "expect_the_unexpected"},
        "expect_the_unexpected: Great Expectations has no expectation of this type",
    ),
    "kwargs_not_an_object": ({**NOT_NULL, "kwargs": []}, "'kwargs' is a list, expected an object"),
    "missing_argument": (
        {"type": "expect_column_values_to_be_unique", "kwargs": {}},
        "expect_column_values_to_be_unique: 'column' is absent: field required",
    ),
    "unknown_argument": (
        {**NOT_NULL, "kwargs": {"column": "order_id", "colour": "red"}},
        "expect_column_values_to_not_be_null: 'colour' is 'red': extra fields not permitted",
    ),
    "unknown_severity": (
        {**NOT_NULL, "severity": "fatal"},
        "'severity' is 'fatal', expected one of: critical, warning, info",
    ),
    "suite_parameter": (
        {
            "type": "expect_table_row_count_to_equal",
            "kwargs": {"value": {"$PARAMETER": "rows"}},
        },
        "suite parameters ($PARAMETER) have no value here; write the value itself",
    ),
    "query_beside_the_batch": (
        {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": "select 1 where false"},
        },
        "unexpected_rows_query does not read from {batch}, the table version under audit",
    ),
}


@pytest.mark.parametrize(("entry", "what"), REFUSED_ENTRIES.values(), ids=REFUSED_ENTRIES.keys())
def test_wrong_expectation_is_refused_at_its_place(
    expectations: Path, write_suite: WriteSuite, entry: dict[str, object], what: str
) -> None:
    path = write_suite(NOT_NULL, entry)
    with pytest.raises(QualityError) as refused:
        load_suite(expectations, "shop", TABLE)
    assert what in refused.value.what
    assert refused.value.where == f"{path}, expectation 2"
    assert "correct the file" in refused.value.todo
