"""Which file a person opens to correct a check's rule."""

from __future__ import annotations

from pathlib import Path

from assay.domain import CheckResult, TableRef
from assay.quality.anomalies import SUITE as ANOMALY_SUITE
from assay.quality.slas import SUITE as SLA_SUITE
from assay.quality.suite import own_suite_path, read_suite_file, suite_path


def find_rule_file(expectations: Path, check: CheckResult) -> str:
    """Return the file in which a check is written; empty where none is known to hold it.

    It is the contract for what is compiled from one, else the suite's own file.

    Raises:
        QualityError: a file is not a suite.
    """
    table = TableRef.parse(check.table)
    own = own_suite_path(expectations, check.product, table)
    compiled = suite_path(expectations, check.product, table)
    for path in (own, compiled):
        if not path.is_file():
            continue
        file = read_suite_file(path)
        is_of_contract = path == compiled and check.suite in (SLA_SUITE, ANOMALY_SUITE)
        names = {(each.suite, each.name, each.column) for each in file.expectations}
        if is_of_contract or (check.suite, check.check, check.column) in names:
            return file.compiled_from or str(path)
    return ""
