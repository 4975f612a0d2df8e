"""Data Docs: recorded check results as Great Expectations' own site of pages."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.domain import CheckResult, CheckStatus
from assay.errors import QualityError
from assay.quality.anomalies import SUITE as ANOMALY_SUITE
from assay.quality.audit import summarize
from assay.quality.data_docs_pages import AuditLine, write_pages
from assay.quality.gx_project import open_folder
from assay.quality.suite import Expectation
from assay.quality.validation import quiet

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import FileDataContext

# By table, the expectations of its suite as they are now.
Suites = Mapping[str, Sequence[Expectation]]

# What these count as unexpected are days, and what a dbt test's query finds: groups, or cases.
_SUITES_WITHOUT_ROWS = (ANOMALY_SUITE, "dbt")
_DISTINCT_VALUES = "expect_column_distinct_values_"


def render_data_docs(
    site: Path, scratch: Path, audits: Sequence[Sequence[CheckResult]], suites: Suites
) -> Path:
    """Write the site anew from audits, and return its first page.

    Each audit holds the results of one table version in one run. Only what is recorded is shown:
    counts and aggregates, never a row's values. The old site stays until the new one is whole,
    and history which is not among ``audits`` is gone afterwards. ``scratch`` is removed.

    Raises:
        QualityError: Great Expectations left a page out.
    """
    aside = scratch / "replaced"
    if aside.exists() and not site.exists():
        # A rendering was killed between its two renames.
        aside.replace(site)
    shutil.rmtree(scratch, ignore_errors=True)
    context = open_folder(scratch)
    pages: list[Path] = []
    with quiet():
        _show_severities(context)
        for audit in audits:
            key, result = _read_audit(audit, suites.get(audit[0].table, ()))
            context.validation_results_store.add(key, result)
            pages.append(
                Path("validations", *key.to_tuple()).with_name(f"{key.to_tuple()[-1]}.html")
            )
        context.build_data_docs()
    made = scratch / "gx" / "data_docs"
    if missing := [page for page in pages if not (made / page).is_file()]:
        raise QualityError(
            f"Great Expectations rendered {len(pages) - len(missing)} of {len(pages)} pages",
            where=str(missing[0]),
            todo="look at its log: run again with --debug",
        )
    write_pages(made, [_line(*each) for each in zip(audits, pages, strict=True)])
    _put_in_place(made, site, aside)
    shutil.rmtree(scratch)
    return site / "index.html"


def _put_in_place(made: Path, site: Path, aside: Path) -> None:
    """Exchange the old site for the new one by two renames; the old one comes back if one fails."""
    site.parent.mkdir(parents=True, exist_ok=True)
    is_replaced = site.exists()
    if is_replaced:
        site.replace(aside)
    try:
        made.replace(site)
    except OSError:
        if is_replaced:
            aside.replace(site)
        raise


def _show_severities(context: FileDataContext) -> None:
    """Have pages of audits written by a table of ours, which has a column of severities."""
    from assay.quality.data_docs_table import SeverityTable

    table = {"module_name": SeverityTable.__module__, "class_name": SeverityTable.__name__}
    section = {
        "class_name": "ValidationResultsColumnSectionRenderer",
        "table_renderer": table,
    }
    sections = {"validations": {"renderer": {"column_section_renderer": section}}}
    for name, site in context.list_data_docs_sites().items():
        context.update_data_docs_site(name, {**site, "site_section_builders": sections})


def _line(audit: Sequence[CheckResult], page: Path) -> AuditLine:
    first = audit[0]
    counts = summarize(audit)
    return AuditLine(
        first.run_id,
        first.table,
        first.version,
        f"{first.checked_at_utc:%Y-%m-%d %H:%M:%S}",
        counts.passed,
        counts.warned,
        counts.failed,
        counts.errored,
        page,
    )


def _read_audit(
    audit: Sequence[CheckResult], expectations: Sequence[Expectation]
) -> tuple[Any, ExpectationSuiteValidationResult]:
    import great_expectations
    from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    first = audit[0]
    run = RunIdentifier(run_name=first.run_id, run_time=first.checked_at_utc)
    passed = sum(each.status is CheckStatus.PASSED for each in audit)
    batch = f"{first.table}@{first.version}"
    result = ExpectationSuiteValidationResult(
        success=passed == len(audit),
        results=[_read_check(each, expectations) for each in audit],
        suite_name=first.table,
        statistics={
            "evaluated_expectations": len(audit),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(audit) - passed,
            "success_percent": 100 * passed / len(audit),
        },
        meta={
            "run_id": run.to_json_dict(),
            "great_expectations_version": great_expectations.__version__,
            "active_batch_definition": {"data_asset_name": batch},
        },
    )
    suite = ExpectationSuiteIdentifier(name=first.table)
    return ValidationResultIdentifier(suite, run, batch), result


def _read_check(check: CheckResult, expectations: Sequence[Expectation]) -> Any:
    from great_expectations.core import ExpectationValidationResult

    is_errored = check.status is CheckStatus.ERRORED
    counts = _count_rows(check) if _counts_rows(check) else {}
    return ExpectationValidationResult(
        success=check.status is CheckStatus.PASSED,
        expectation_config=_configure(check, expectations),
        result={} if is_errored else {"observed_value": check.observed or "--", **counts},
        exception_info={
            "raised_exception": is_errored,
            "exception_message": check.message if is_errored else None,
            "exception_traceback": "",
        },
    )


def _counts_rows(check: CheckResult) -> bool:
    """Whether what it counts as unexpected are rows of the table, of which there is a share."""
    is_of_rows = check.suite not in _SUITES_WITHOUT_ROWS
    return is_of_rows and not check.check.startswith(_DISTINCT_VALUES)


def _count_rows(check: CheckResult) -> dict[str, float]:
    share = 100 * check.unexpected_count / check.row_count if check.row_count else 0.0
    return {
        "element_count": check.row_count,
        "unexpected_count": check.unexpected_count,
        "unexpected_percent": share,
    }


def _configure(check: CheckResult, expectations: Sequence[Expectation]) -> Any:
    """Find the expectation that was checked; a rule that is not in the suite is told as a text.

    dbt's tests never are, and a suite may have changed since.
    """
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    known = [
        each
        for each in expectations
        if (each.suite, each.name, each.column) == (check.suite, check.check, check.column)
    ]
    severity = check.severity.value
    if len(known) == 1:
        return ExpectationConfiguration(
            type=known[0].type,
            kwargs=dict(known[0].kwargs),
            description=known[0].description or None,
            severity=severity,
        )
    where = f" ({check.column})" if check.column else ""
    return ExpectationConfiguration(
        type="unexpected_rows_expectation",
        kwargs={"unexpected_rows_query": "{batch}"},
        description=f"{check.check}{where}: {check.expected}",
        severity=severity,
    )
