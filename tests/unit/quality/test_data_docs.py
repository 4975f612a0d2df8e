"""Data Docs show what audits recorded, load nothing from elsewhere, and forget what is old."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from great_expectations.data_context import FileDataContext

from assay.domain import CheckResult, CheckStatus, Severity
from assay.errors import QualityError
from assay.quality.data_docs import render_data_docs
from assay.quality.suite import Expectation
from check_results import make_check

from .conftest import CHECKED_AT

SUITES = {
    "gold.fct_orders": [
        Expectation("orders", "expect_column_values_to_be_unique", {"column": "order_id"}),
        Expectation("orders", "expect_table_row_count_to_be_between", {"min_value": 1}),
    ]
}
PASSED = make_check(
    suite="orders",
    check="expect_table_row_count_to_be_between",
    column="",
    observed="400",
    expected="min_value: 1",
    row_count=400,
    message="it holds",
    checked_at_utc=CHECKED_AT,
)
FAILED = replace(
    PASSED,
    check="expect_column_values_to_be_unique",
    column="order_id",
    status=CheckStatus.FAILED,
    observed="2 of 400 rows unexpected (0.5 %)",
    unexpected_count=2,
)
ERRORED = replace(
    FAILED, status=CheckStatus.ERRORED, observed="", message="the column order_id is gone"
)
DBT_TEST = replace(
    FAILED, suite="dbt", check="assert_no_order_is_free", column="", expected="no row"
)


def render(tmp_path: Path, *audits: list[CheckResult]) -> Path:
    return render_data_docs(tmp_path / "site", tmp_path / "scratch", audits, SUITES)


def later(checks: list[CheckResult], run_id: str) -> list[CheckResult]:
    at = CHECKED_AT + timedelta(days=1)
    return [replace(each, run_id=run_id, checked_at_utc=at) for each in checks]


def test_pages_show_passed_failed_and_errored(tmp_path: Path) -> None:
    first = render(tmp_path, [PASSED, FAILED, ERRORED, DBT_TEST], later([PASSED], "run-2"))
    rows = re.findall(
        r"<tr><td>(.*?)</td>.*?>(\S+)</a>.*?(\d.*?)</td><td>(.*?)</td>", first.read_text()
    )
    assert rows == [
        ("2026-01-03 03:04:05", "gold.fct_orders@7", "1 passed", "run-2"),
        ("2026-01-02 03:04:05", "gold.fct_orders@7", "2 failed, 1 errored, 1 passed", "run-1"),
    ]
    links = re.findall(r'<a href="([^"]*)"', first.read_text())
    page = (first.parent / links[1].replace("%40", "@")).read_text()
    assert "2 unexpected values found" in page
    assert "assert_no_order_is_free: no row" in page
    assert "the column order_id is gone" in page
    assert all((first.parent / link.replace("%40", "@")).is_file() for link in links)


def page_of(site: Path, run_id: str) -> str:
    (page,) = (each for each in site.rglob("*@7.html") if run_id in each.parts)
    return page.read_text()


def lines_of(page: str) -> list[tuple[str, str]]:
    """The icon of each line of an audit's page, and its severity."""
    rows = re.findall(r'<tr>\s*<td id="[^"]*cell-\d+-1".*?</tr>', page, re.DOTALL)
    found = [re.search(r'"fas (\S+) .*>(\w+)</div></td></tr>', row, re.DOTALL) for row in rows]
    return [(each[1], each[2]) for each in found if each]


def test_warnings_are_told_from_failures(tmp_path: Path) -> None:
    warned = replace(FAILED, severity=Severity.WARNING)
    noted = replace(DBT_TEST, severity=Severity.INFO)
    first = render(
        tmp_path,
        [PASSED, warned, noted],
        later([PASSED, FAILED, warned], "run-2"),
        later([replace(ERRORED, severity=Severity.WARNING)], "run-3"),
    )
    outcomes = re.findall(r'<td class="(\w+)">(.*?)</td><td>(.*?)</td>', first.read_text())
    assert sorted(outcomes, key=lambda each: each[2]) == [
        ("warned", "2 warned, 1 passed", "run-1"),
        ("failed", "1 failed, 1 warned, 1 passed", "run-2"),
        ("failed", "1 errored, 0 passed", "run-3"),
    ]
    pages = {run_id: page_of(first.parent, run_id) for run_id in ("run-1", "run-2", "run-3")}
    statuses = {
        run_id: re.findall(r"Status:</span> .*</i> (\w+)", page) for run_id, page in pages.items()
    }
    assert statuses == {"run-1": ["Warned"], "run-2": ["Failed"], "run-3": ["Failed"]}
    assert sorted(lines_of(pages["run-1"])) == [
        ("fa-check-circle", "critical"),
        ("fa-exclamation-circle", "info"),
        ("fa-exclamation-circle", "warning"),
    ]
    assert sorted(lines_of(pages["run-2"])) == [
        ("fa-check-circle", "critical"),
        ("fa-exclamation-circle", "warning"),
        ("fa-times", "critical"),
    ]
    assert lines_of(pages["run-3"]) == [("fa-exclamation-triangle", "warning")]


@pytest.mark.parametrize(
    ("check", "is_counted"),
    [
        (FAILED, True),
        (replace(FAILED, suite="anomaly", check="null_share_by_day"), False),
        (DBT_TEST, False),
        (replace(FAILED, check="expect_column_distinct_values_to_be_in_set"), False),
    ],
    ids=["rows", "days", "what a dbt test finds", "distinct values"],
)
def test_only_rows_are_told_as_a_share_of_rows(
    tmp_path: Path, check: CheckResult, is_counted: bool
) -> None:
    site = render(tmp_path, [replace(check, observed="as it was")]).parent
    page = page_of(site, "run-1")
    assert ("2 unexpected values found. 0.5% of 400 total rows." in page) is is_counted
    assert ("unexpected values" in page) is is_counted
    assert ">as it was<" in page


def test_pages_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    first = render(tmp_path, [PASSED, FAILED])
    pages = list(first.parent.rglob("*.html"))
    assert len(pages) >= 2
    for page in pages:
        text = page.read_text()
        assert re.findall(r"<(?:link|img|script|iframe)[^>]*https?://", text) == []
        assert "<script" not in text and "url('http" not in text
        sheet = re.findall(r'href="([^"]*assay\.css)"', text)
        assert (page.parent / sheet[0]).is_file()


def test_what_is_not_among_the_newest_is_gone(tmp_path: Path) -> None:
    render(tmp_path, [PASSED])
    first = render(tmp_path, later([PASSED], "run-2"))
    assert [page for page in first.parent.rglob("*.html") if "run-1" in str(page)] == []
    assert not (tmp_path / "scratch").exists()


def test_a_page_that_was_not_rendered_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path, [PASSED])
    monkeypatch.setattr(FileDataContext, "build_data_docs", lambda self: None)
    with pytest.raises(QualityError, match="rendered 0 of 1 pages"):
        render(tmp_path, [FAILED])
    assert (tmp_path / "site" / "index.html").is_file()


def test_the_old_site_stays_where_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path, [PASSED])
    before = files_of(tmp_path / "site")
    with monkeypatch.context() as patch:
        refuse_new_site(patch, OSError("no space left on device"))
        with pytest.raises(OSError, match="no space left"):
            render(tmp_path, later([FAILED], "run-2"))
    assert files_of(tmp_path / "site") == before


def test_a_site_that_a_kill_left_aside_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path, [PASSED])
    before = files_of(tmp_path / "site")
    with monkeypatch.context() as patch:
        refuse_new_site(patch, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            render(tmp_path, [FAILED])
    assert not (tmp_path / "site").exists()
    with monkeypatch.context() as patch:
        patch.setattr(FileDataContext, "build_data_docs", lambda self: None)
        with pytest.raises(QualityError, match="rendered 0 of 1 pages"):
            render(tmp_path, [FAILED])
    assert files_of(tmp_path / "site") == before


def refuse_new_site(patch: pytest.MonkeyPatch, error: BaseException) -> None:
    replace_path = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if path.name == "data_docs":
            raise error
        return replace_path(path, target)

    patch.setattr(Path, "replace", fail)


def files_of(site: Path) -> dict[Path, bytes]:
    return {each: each.read_bytes() for each in site.rglob("*") if each.is_file()}
