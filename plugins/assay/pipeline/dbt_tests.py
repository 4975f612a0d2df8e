"""dbt's data tests and unit tests as a part of the audit: one dbt invocation a layer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from assay.domain import (
    CheckResult,
    CheckStatus,
    Severity,
    TableRef,
    TableVersion,
    UnitTestPass,
)
from assay.pipeline.binding_file import write_binding
from assay.pipeline.bindings import layer_binding
from assay.pipeline.manifest import base_release, run_manifest
from assay.pipeline.stage import StageContext
from assay.quality import AuditedTable, describe_error
from assay.transform import DbtTest, Model, TestResult

SUITE = "dbt"
_HEADING = re.compile(r"[A-Z]\w+ Error in \w+ \S+ \(")
_FAILING = ("fail", "warn")


def tests_of(models: Mapping[str, Model], product: str) -> dict[TableRef, tuple[DbtTest, ...]]:
    """Return the tests of a product by the table that they speak of."""
    return {
        _table(model): model.tests
        for model in models.values()
        if model.product == product and model.tests
    }


def tables_read(test: DbtTest, models: Mapping[str, Model]) -> set[TableRef]:
    """Return the tables that a data test depends on; a unit test depends on none."""
    return set() if test.is_unit else {_table(models[name]) for name in test.reads}


def run_dbt_tests(
    context: StageContext,
    tables: Iterable[tuple[TableVersion, int]],
    models: Mapping[str, Model],
    checked_at_utc: datetime,
) -> dict[TableRef, list[CheckResult]]:
    """Run the tests of these table versions, given with their rows: results by table.

    A unit test that passed for the same code is not run again: its result says so. A test that
    dbt could not evaluate, or skipped, is errored; it never passes.

    Raises:
        TransformError: dbt could not start.
    """
    project, run = context.project, context.run
    tests = tests_of(models, run.product)
    due = [(each, rows, test) for each, rows in tables for test in tests.get(each.table, ())]
    if not due:
        return {}
    passed = _passed_before(context, [test for _, _, test in due])
    to_run = [test for _, _, test in due if test.unique_id not in passed]
    outcomes = _invoke(context, to_run, models) if to_run else {}
    columns = {name for model in models.values() for name, _, _ in model.columns}
    names = {*models, *columns}
    found: dict[TableRef, list[CheckResult]] = {}
    for table_version, rows, test in due:
        made = _Maker(
            AuditedTable(run.run_id, run.product, table_version, rows, checked_at_utc), names
        )
        known = passed.get(test.unique_id)
        result = made.repeat(test, known) if known else made.judge(test, outcomes)
        found.setdefault(table_version.table, []).append(result)
    project.records.unit_tests.append(
        [
            UnitTestPass(t.unique_id, t.fingerprint, run.product, run.run_id, checked_at_utc)
            for t in to_run
            if t.is_unit and t.unique_id in outcomes and outcomes[t.unique_id].status == "pass"
        ]
    )
    return found


def _passed_before(context: StageContext, tests: Collection[DbtTest]) -> dict[str, UnitTestPass]:
    units = {test.unique_id: test.fingerprint for test in tests if test.is_unit}
    if not units:
        return {}
    records = context.project.records.unit_tests.read(product=context.run.product)
    return {each.test: each for each in records if units.get(each.test) == each.fingerprint}


def _invoke(
    context: StageContext, tests: Sequence[DbtTest], models: Mapping[str, Model]
) -> dict[str, TestResult]:
    """Bind dbt to exactly the versions under audit; it writes no table."""
    project, run = context.project, context.run
    base = base_release(project, run)
    binding = layer_binding(project, run, (), run_manifest(project, run, models, base), base)
    scratch = project.scratch(run.run_id)
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / f"{context.stage.value}.binding.json"
    write_binding(binding, path)
    return project.dbt.test(tests, path)


class _Maker:
    """Makes check results of one table version. Errors may say ``names``: no row has them."""

    def __init__(self, audited: AuditedTable, names: Collection[str]) -> None:
        self._audited, self._names = audited, names

    def repeat(self, test: DbtTest, known: UnitTestPass) -> CheckResult:
        observed = f"passed for the same code in run {known.run_id}"
        return self._result(test, CheckStatus.PASSED, test.severity, observed, 0)

    def judge(self, test: DbtTest, outcomes: Mapping[str, TestResult]) -> CheckResult:
        outcome = outcomes.get(test.unique_id)
        if outcome is None:
            return self._errored(test, "dbt did not run it")
        if outcome.status == "pass":
            return self._result(test, CheckStatus.PASSED, test.severity, _count(outcome), 0)
        if outcome.status in _FAILING:
            # dbt's thresholds (warn_if, error_if) may make less of it than its severity says.
            severity = Severity.WARNING if outcome.status == "warn" else Severity.CRITICAL
            found = "the cases come out otherwise" if test.is_unit else _count(outcome)
            return self._result(test, CheckStatus.FAILED, severity, found, outcome.failures)
        return self._errored(test, outcome.message or f"ended as {outcome.status}")

    def _errored(self, test: DbtTest, why: str) -> CheckResult:
        said = [line.strip() for line in why.splitlines() if line.strip()]
        # The engine's own words say most; dbt's first lines only name the test and its file.
        engine = [each for each in said if " Error: " in each]
        line = next((each for each in (*engine, *said) if not _HEADING.match(each)), why)
        observed = describe_error(line, {*self._names, test.name, test.unique_id})
        return self._result(test, CheckStatus.ERRORED, test.severity, observed, 0)

    def _result(
        self, test: DbtTest, status: CheckStatus, severity: Severity, observed: str, count: int
    ) -> CheckResult:
        kind = "unit test" if test.is_unit else "data test"
        return self._audited.result(
            SUITE,
            test.name,
            status,
            severity,
            observed=observed,
            expected="the expected rows" if test.is_unit else "no row fails it",
            message=_message(f"the dbt {kind} {test.name}", status, observed),
            column=test.column,
            unexpected_count=count,
        )


def _count(outcome: TestResult) -> str:
    return f"{outcome.failures:,} failing rows"


def _message(subject: str, status: CheckStatus, observed: str) -> str:
    if status is CheckStatus.PASSED:
        return f"{subject} passes"
    if status is CheckStatus.ERRORED:
        return f"{subject} could not be evaluated: {observed}"
    return f"{subject} fails: {observed}"


def _table(model: Model) -> TableRef:
    return TableRef.parse(f"{model.layer}.{model.table}")
