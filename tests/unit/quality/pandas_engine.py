"""Great Expectations on its pandas engine: what results on DuckDB are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from great_expectations.core.batch import Batch
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.validator.validator import Validator

from assay.quality.validation import RESULT_FORMAT, Outcome, quiet, read_outcome

from .expectation_cases import Row


def make_frame(rows: Sequence[Row], columns: Mapping[str, str]) -> pd.DataFrame:
    """Hold rows as pandas users do: NULL is NaN, decimals are floats, dates are objects."""
    held = {"integer": "float64", "decimal(10, 2)": "float64", "double": "float64"}
    frame = pd.DataFrame(
        {
            name: pd.Series([row[at] for row in rows], dtype=held.get(kind, "object"))
            for at, (name, kind) in enumerate(columns.items())
        }
    )
    frame["id"] = frame["id"].astype("int64")
    frame["moment"] = pd.to_datetime(frame["moment"])
    return frame


def validate_with_pandas(
    frame: pd.DataFrame, expectations: Sequence[tuple[str, Mapping[str, object]]]
) -> list[Outcome]:
    """Evaluate expectations together; what errored again alone, as ``validate`` does."""
    outcomes = _validate(frame, expectations)
    return [
        _validate(frame, [each])[0] if outcome.error else outcome
        for each, outcome in zip(expectations, outcomes, strict=True)
    ]


def _validate(
    frame: pd.DataFrame, expectations: Sequence[tuple[str, Mapping[str, object]]]
) -> list[Outcome]:
    configurations = [
        ExpectationConfiguration(
            type=kind,
            kwargs={key: value for key, value in kwargs.items() if value is not None},
            meta={"position": position},
        )
        for position, (kind, kwargs) in enumerate(expectations)
    ]
    with quiet():
        engine = PandasExecutionEngine()
        validator = Validator(engine, batches=[Batch(data=PandasBatchData(engine, frame))])
        results = validator.graph_validate(
            configurations=configurations,
            runtime_configuration={"catch_exceptions": True, "result_format": RESULT_FORMAT},
        )
    found = {result.expectation_config.meta["position"]: result for result in results}
    return [read_outcome(found.get(position)) for position in range(len(expectations))]
