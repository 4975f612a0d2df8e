"""Where Great Expectations is called; it is imported only when a function is.

A suite runs as one validation over one batch, without a data context: GX bundles the metrics
of all expectations, nothing is written anywhere, and nothing outlives the call.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from assay.quality.coverage import refuse_reason
from assay.quality.late_imports import late_imports
from assay.quality.suite import Expectation

if TYPE_CHECKING:
    import duckdb

# BASIC carries counts. With no partial list GX asks for `limit 0` values, which DuckDB
# answers without a scan, and no row's value ever enters a result.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Outcome:
    """What Great Expectations said of one expectation. ``error`` is empty where it could say."""

    is_success: bool
    details: dict[str, object]
    error: str = ""


def preload() -> None:
    """Import everything that an audit needs, once, before a process forks. Opens nothing."""
    _import_gx()
    import_module("assay.quality.duckdb_engine")


def _import_gx() -> None:
    """Import Great Expectations; what it needs for charts and two metrics, when they are used.

    That is a quarter of its modules and of the time.
    """
    with late_imports("altair", "scipy.stats"):
        import_module("great_expectations.expectations.core")
        import_module("great_expectations.validator.validator")


def find_fault(expectation: Expectation) -> str:
    """Say why Great Expectations would refuse an expectation; empty where it accepts it."""
    _import_gx()
    from great_expectations.exceptions import ExpectationNotFoundError, GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    given = [name for name, value in expectation.kwargs.items() if value is not None]
    if reason := refuse_reason(expectation.type, given):
        return reason
    query = expectation.kwargs.get("unexpected_rows_query", "{batch}")
    if "{batch}" not in str(query):
        return "unexpected_rows_query does not read from {batch}, the table version under audit"
    if any(isinstance(v, dict) and "$PARAMETER" in v for v in expectation.kwargs.values()):
        return "suite parameters ($PARAMETER) have no value here; write the value itself"
    try:
        with quiet():
            ExpectationConfiguration(
                type=expectation.type, kwargs=dict(expectation.kwargs)
            ).to_domain_obj()
    except ExpectationNotFoundError:
        return "Great Expectations has no expectation of this type"
    except (ValueError, TypeError, GreatExpectationsError) as error:
        return _argument_faults(error, expectation)
    return ""


def _argument_faults(error: Exception, expectation: Expectation) -> str:
    """Turn a pydantic error into one phrase an argument: what was found, what was expected."""
    listed = error.errors() if hasattr(error, "errors") else []
    faults: dict[str, list[str]] = {}
    for entry in listed:
        faults.setdefault(str(entry["loc"][0]), []).append(str(entry["msg"]))
    if not faults:
        return " ".join(str(error).split())
    given = {
        name: repr(expectation.kwargs[name]) if name in expectation.kwargs else "absent"
        for name in faults
    }
    return "; ".join(f"'{name}' is {given[name]}: {', or '.join(m)}" for name, m in faults.items())


def validate(
    connection: duckdb.DuckDBPyConnection, relation: str, expectations: Sequence[Expectation]
) -> list[Outcome]:
    """Run expectations as one validation of a relation; outcomes in the same order.

    Metrics share queries, so one that breaks takes its neighbours with it: what errored is
    tried again alone.
    """
    outcomes = _validate_together(connection, relation, expectations)
    if len(expectations) == 1:
        return outcomes
    return [
        _validate_together(connection, relation, [each])[0] if outcome.error else outcome
        for each, outcome in zip(expectations, outcomes, strict=True)
    ]


def _validate_together(
    connection: duckdb.DuckDBPyConnection, relation: str, expectations: Sequence[Expectation]
) -> list[Outcome]:
    _import_gx()
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.validator.validator import Validator

    from assay.quality.duckdb_engine import open_engine

    class _SilentValidator(Validator):  # type: ignore[misc]  # GX is not followed by mypy
        def _determine_progress_bars(self) -> bool:
            return False

    schema, _, table = relation.rpartition(".")
    with quiet():
        engine = open_engine(connection)
        data = SqlAlchemyBatchData(engine, table_name=table, schema_name=schema or None)
        results = _SilentValidator(engine, batches=[Batch(data=data)]).graph_validate(
            configurations=[
                ExpectationConfiguration(
                    type=each.type, kwargs=dict(each.kwargs), meta={"assay_position": position}
                )
                for position, each in enumerate(expectations)
            ],
            runtime_configuration={"catch_exceptions": True, "result_format": RESULT_FORMAT},
        )
    found = {result.expectation_config.meta["assay_position"]: result for result in results}
    return [read_outcome(found.get(position)) for position in range(len(expectations))]


def read_outcome(result: object | None) -> Outcome:
    """Read one of GX's results, in which an exception looks like a failure."""
    if result is None:
        return Outcome(False, {}, "Great Expectations returned no result")
    info = getattr(result, "exception_info", None) or {}
    messages = list(_exception_messages(info))
    if messages:
        return Outcome(False, {}, _explain(messages[0]))
    details = dict(getattr(result, "result", None) or {})
    return Outcome(bool(getattr(result, "success", False)), details)


def _explain(message: str) -> str:
    """Say in plain words what GX means by a metric without a provider."""
    if message.startswith("No provider found"):
        return "Great Expectations cannot check this in SQL; use unexpected_rows_expectation"
    return message


def _exception_messages(info: dict[str, object]) -> Iterator[str]:
    """Find exceptions in either of GX's two shapes: flat, or one entry a failed metric."""
    if info.get("raised_exception"):
        yield str(info.get("exception_message") or "an exception without a message")
    for entry in info.values():
        if isinstance(entry, dict):
            yield from _exception_messages(entry)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep GX's log (it holds values and tracebacks) and its warnings out of ours."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
