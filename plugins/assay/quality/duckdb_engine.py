"""Great Expectations' SQL engine with the metrics that it has no DuckDB for.

Import it only from inside a function: it imports Great Expectations.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.column_aggregate_metric_provider import (
    ColumnAggregateMetricProvider,
)
from great_expectations.expectations.metrics.column_aggregate_metrics import (
    column_outlier_statistics as outliers,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnPairMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_pair_condition_partial,
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.metric_provider import metric_value

from assay.quality.duckdb_dialect import create_engine

if TYPE_CHECKING:
    import duckdb

# What GX's SQL helpers look at to choose an operator. Dremio's `REGEXP_MATCHES` and plain LIKE
# are what DuckDB has too; they are chosen by the presence of this attribute.
_SQL_FAMILY = SimpleNamespace(name="duckdb", DremioDialect=True)

_ROW_DOMAIN = ("batch_id", "table", "row_condition", "condition_parser", "ignore_row_if")

# What every metric method gets from GX, beside the class and the engine.
_Arguments = dict[str, Any]


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]  # GX is not followed
    """GX's SQL engine over an open DuckDB connection; it writes nothing and closes nothing."""


def open_engine(connection: duckdb.DuckDBPyConnection) -> DuckDBExecutionEngine:
    """Let Great Expectations ask a DuckDB connection."""
    engine = DuckDBExecutionEngine(engine=create_engine(connection), create_temp_table=False)
    engine.dialect_module = _SQL_FAMILY
    return engine


class NearestQuantiles(ColumnAggregateMetricProvider):  # type: ignore[misc]
    """Quantiles as the pandas engine takes them: the value whose rank is nearest.

    SQL's ``percentile_disc`` takes the first rank that reaches the share instead. Rank ``k`` of
    ``n`` values, from 0, is what it finds at the share ``(k + 0.5) / n``.
    """

    metric_name = "column.quantile_values"
    value_keys = ("quantiles", "allow_relative_error")

    @metric_value(engine=DuckDBExecutionEngine)  # type: ignore[untyped-decorator]
    def _duckdb(
        cls,  # noqa: N805  # GX makes a class method of it
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: _Arguments,
        metric_value_kwargs: _Arguments,
        **_: object,
    ) -> list[object]:
        if metric_value_kwargs.get("allow_relative_error"):
            raise ValueError("allow_relative_error has no meaning here: quantiles are exact")
        quantiles = metric_value_kwargs["quantiles"]
        source, column = _open_column(execution_engine, metric_domain_kwargs)
        counted = sa.select(sa.func.count(column)).select_from(source)
        count = execution_engine.execute_query(counted).fetchone()[0]
        if not count:
            return [None] * len(quantiles)
        shares = [(round(each * (count - 1)) + 0.5) / count for each in quantiles]
        found = [sa.func.percentile_disc(each).within_group(column.asc()) for each in shares]
        query = sa.select(*found).select_from(source)
        return list(execution_engine.execute_query(query).fetchone())


class OutlierStatistics(ColumnAggregateMetricProvider):  # type: ignore[misc]
    """What outliers are measured against: GX knows the quartiles of five other dialects only."""

    metric_name = "column.outlier_statistics"
    value_keys = ("method",)

    @metric_value(engine=DuckDBExecutionEngine)  # type: ignore[untyped-decorator]
    def _duckdb(
        cls,  # noqa: N805  # GX makes a class method of it
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: _Arguments,
        metric_value_kwargs: _Arguments,
        **_: object,
    ) -> outliers.OutlierStatistics:
        source, column = _open_column(execution_engine, metric_domain_kwargs)
        number = sa.cast(column, sa.Double)
        low, high, mean, deviation = (
            sa.func.percentile_cont(0.25).within_group(number.asc()),
            sa.func.percentile_cont(0.75).within_group(number.asc()),
            sa.func.avg(number),
            sa.func.stddev_samp(number),
        )
        is_iqr = metric_value_kwargs.get("method", outliers.IQR_METHOD) == outliers.IQR_METHOD
        query = sa.select(*((low, high) if is_iqr else (mean, deviation))).select_from(source)
        first, second = execution_engine.execute_query(query).fetchone()
        if not is_iqr:
            return outliers.OutlierStatistics.symmetric(center=first, spread=second)
        spread = None if first is None else second - first
        return outliers.OutlierStatistics(first, second, spread)


# In GX's own SQL a comparison with NULL is neither true nor unexpected, so such a row would pass.


class GreaterOrUnexpected(ColumnPairMapMetricProvider):  # type: ignore[misc]
    """A row of which only one value is known does not hold, as in the pandas engine."""

    condition_metric_name = "column_pair_values.a_greater_than_b"
    condition_domain_keys = (*_ROW_DOMAIN, "column_A", "column_B")
    condition_value_keys = ("or_equal",)

    @column_pair_condition_partial(engine=DuckDBExecutionEngine)  # type: ignore[untyped-decorator]
    def _duckdb(cls, column_A: Any, column_B: Any, **given: object) -> sa.ColumnElement[bool]:  # noqa: N803, N805
        holds = column_A >= column_B if given.get("or_equal") else column_A > column_B
        return sa.func.coalesce(holds, sa.false())


class InSetOrUnexpected(ColumnPairMapMetricProvider):  # type: ignore[misc]
    """A row holds where both values are those of a listed pair, in which NULL may stand."""

    condition_metric_name = "column_pair_values.in_set"
    condition_domain_keys = ("batch_id", "table", "column_A", "column_B", "ignore_row_if")
    condition_value_keys = ("value_pairs_set",)

    @column_pair_condition_partial(engine=DuckDBExecutionEngine)  # type: ignore[untyped-decorator]
    def _duckdb(cls, column_A: Any, column_B: Any, **given: Any) -> sa.ColumnElement[bool]:  # noqa: N803, N805
        listed = given["value_pairs_set"] or ()
        return sa.or_(
            sa.false(),
            *(
                sa.and_(column_A.is_not_distinct_from(a), column_B.is_not_distinct_from(b))
                for a, b in listed
            ),
        )


class SumOrUnexpected(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """A row with an unknown value has no sum and does not hold, as in the pandas engine."""

    condition_metric_name = "multicolumn_sum.equal"
    condition_domain_keys = (*_ROW_DOMAIN, "column_list")
    condition_value_keys = ("sum_total",)

    @multicolumn_condition_partial(engine=DuckDBExecutionEngine)  # type: ignore[untyped-decorator]
    def _duckdb(cls, column_list: Any, **given: object) -> sa.ColumnElement[bool]:  # noqa: N805
        return sa.func.coalesce(sum(column_list) == given["sum_total"], sa.false())


def _open_column(
    engine: DuckDBExecutionEngine, domain: _Arguments
) -> tuple[sa.FromClause, sa.ColumnClause[Any]]:
    """Where a metric reads, with the row condition in force, and the column it is about."""
    source, _, accessor = engine.get_compute_domain(domain, domain_type=MetricDomainTypes.COLUMN)
    if isinstance(source, sa.Select):
        source = source.subquery()
    return source, sa.column(accessor["column"])
