"""Audits: a Great Expectations suite at one table version. Importing this imports no GX."""

from assay.quality.audit import CheckCounts, judge, run_suite, summarize
from assay.quality.suite import (
    Expectation,
    Suite,
    check_suites,
    load_suite,
    own_suite_path,
    suite_path,
)
from assay.quality.validation import preload
from assay.quality.wording import describe_error

__all__ = [
    "CheckCounts",
    "Expectation",
    "Suite",
    "check_suites",
    "describe_error",
    "judge",
    "load_suite",
    "own_suite_path",
    "preload",
    "run_suite",
    "suite_path",
    "summarize",
]
