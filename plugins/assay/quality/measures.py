"""Measures a table version: what it holds, not whether that is right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assay.domain import ColumnStatistics, Measure, TableStatistics, quote_name
from assay.quality.column_types import read_columns
from assay.quality.results import AuditedTable

if TYPE_CHECKING:
    import duckdb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("DATE", "TIMESTAMP")
_INGESTED = "_ingested_at"
_SAMPLED = ("distinct", "quantiles")
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_ORDERED = (*_NUMBERS, "DATE", "TIMESTAMP", "BOOLEAN")


def measure_table(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    audited: AuditedTable,
    *,
    is_text_only: bool,
    hidden: Collection[str],
    shown_texts: Collection[str],
    statistics: TableStatistics | None = None,
    sample: str = "",
) -> list[Measure]:
    """Measure a relation that shows exactly the audited version: its columns, then the table.

    ``is_text_only``: rows and NULLs alone are counted, as bronze and quarantine hold the same
    values as silver, untyped. Of ``hidden`` columns no value is recorded, of columns of text
    only of those in ``shown_texts``. What ``statistics`` of the version say is not counted again,
    unless the rows are not as many as they say. Distinct values and quantiles are those of
    ``sample``, a relation of some of the rows, where there is one: they cost more than all else.
    """
    columns = read_columns(connection, relation)
    rows = int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
    known = statistics.columns if statistics and statistics.rows == rows else {}
    asked: dict[str, dict[str, str]] = {}
    for position, (name, kind) in enumerate(columns.items()):
        for key, expression in _ask(
            name,
            kind,
            is_text_only=is_text_only,
            may_show=name not in hidden and (kind != "VARCHAR" or name in shown_texts),
        ):
            constant = _constant(key, kind, rows, known.get(name))
            source = sample if sample and key in _SAMPLED else relation
            source = "" if constant else f"from {source}"
            asked.setdefault(source, {})[f"{position}.{key}"] = constant or expression
    values: dict[str, object] = {}
    for source, questions in asked.items():
        query = f"select {', '.join(questions.values())} {source}"
        values |= zip(questions, connection.execute(query).fetchall()[0], strict=True)
    measures = [
        _column_measure(audited, name, rows, position, values)
        for position, name in enumerate(columns)
    ]
    return [*measures, _measure(audited, "", rows)]


def _ask(name: str, kind: str, *, is_text_only: bool, may_show: bool) -> Iterator[tuple[str, str]]:
    column = quote_name(name)
    yield "filled", f"count({column})"
    if kind.startswith(_TIMES) and (may_show or name == _INGESTED):
        yield "newest", _microseconds(f"max({column})")
    if is_text_only:
        return
    if not kind.endswith("]") and not kind.startswith(("STRUCT", "MAP")):
        yield "distinct", f"approx_count_distinct({column})"
    if may_show and (kind == "VARCHAR" or kind.startswith(_ORDERED)) and not kind.endswith("]"):
        yield "minimum", f"min({column})::varchar"
        yield "maximum", f"max({column})::varchar"
        if kind.startswith(_NUMBERS):
            yield "quantiles", f"approx_quantile({column}, {list(_QUANTILES)})"


def _constant(key: str, kind: str, rows: int, known: ColumnStatistics | None) -> str:
    """Write in SQL what the statistics say; nothing where they say nothing of it."""
    if known is None:
        return ""
    if key == "filled":
        return str(rows - known.nulls)
    bounds = {"minimum": known.minimum, "maximum": known.maximum, "newest": known.maximum}
    if key not in bounds or not known.has_bounds:
        return ""
    bound = bounds[key]
    text = "null" if bound is None else "'" + bound.replace("'", "''") + "'"
    value = f"cast({text} as {kind})"
    return _microseconds(value) if key == "newest" else f"{value}::varchar"


def _microseconds(moment: str) -> str:
    return f"epoch_us(({moment})::timestamptz)"


def _column_measure(
    audited: AuditedTable, name: str, rows: int, position: int, values: Mapping[str, object]
) -> Measure:
    filled = values[f"{position}.filled"]
    nulls = rows - filled if isinstance(filled, int) else None
    found = {
        key: values.get(f"{position}.{key}")
        for key in ("distinct", "minimum", "maximum", "quantiles", "newest")
    }
    newest = found["newest"]
    at = _moment(newest) if isinstance(newest, int) else None
    return replace(
        _measure(audited, name, rows),
        nulls=nulls,
        null_share=nulls / rows if rows and nulls is not None else None,
        distinct=found["distinct"] if isinstance(found["distinct"], int) else None,
        minimum=_text(found["minimum"]),
        maximum=_text(found["maximum"]),
        quantiles={
            f"{share:g}": float(value)
            for share, value in zip(_QUANTILES, _list(found["quantiles"]), strict=False)
        },
        newest_at_utc=at,
        freshness_seconds=(audited.checked_at_utc - at).total_seconds() if at else None,
    )


def _measure(audited: AuditedTable, column: str, rows: int) -> Measure:
    return Measure(
        run_id=audited.run_id,
        product=audited.product,
        table=str(audited.table_version.table),
        version=audited.table_version.version,
        column=column,
        rows=rows,
        measured_at_utc=audited.checked_at_utc,
    )


def _moment(microseconds: int) -> datetime:
    """Tell a point in time; one outside of the years 1 to 9999 as the nearest that is inside."""
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return (datetime.max if microseconds > 0 else datetime.min).replace(tzinfo=UTC)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _list(value: object) -> list[float]:
    return value if isinstance(value, list) else []
