"""Audits: a Great Expectations suite at one table version, its measures, its new days.

Importing this imports no GX.
"""

from assay.quality.anomalies import judge_series, to_error, to_records, to_result
from assay.quality.audit import CheckCounts, broken_rows_query, judge, run_suite, summarize
from assay.quality.day_measures import Series, measure_days, new_days
from assay.quality.measures import measure_table
from assay.quality.results import AuditedTable
from assay.quality.rule_sql import RuleTrial, open_trial
from assay.quality.slas import describe_duration, describe_limit, is_in_future, judge_slas
from assay.quality.suite import (
    Expectation,
    Suite,
    check_suites,
    load_suite,
    own_suite_path,
    require_fitting_names,
    suite_path,
    suite_reads,
    written_suites,
)
from assay.quality.validation import find_fault, preload
from assay.quality.wording import describe_error, hide_keys

__all__ = [
    "AuditedTable",
    "CheckCounts",
    "Expectation",
    "RuleTrial",
    "Series",
    "Suite",
    "broken_rows_query",
    "check_suites",
    "describe_duration",
    "describe_error",
    "describe_limit",
    "find_fault",
    "hide_keys",
    "is_in_future",
    "judge",
    "judge_series",
    "judge_slas",
    "load_suite",
    "measure_days",
    "measure_table",
    "new_days",
    "open_trial",
    "own_suite_path",
    "preload",
    "require_fitting_names",
    "run_suite",
    "suite_path",
    "suite_reads",
    "summarize",
    "to_error",
    "to_records",
    "to_result",
    "written_suites",
]
