"""Measures a table version: what it holds, not whether that is right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.domain import Measure
from assay.quality.column_types import read_columns
from assay.quality.results import AuditedTable

if TYPE_CHECKING:
    import duckdb

_TIMES = ("DATE", "TIMESTAMP")
_INGESTED = "_ingested_at"
# Of larger tables a sample of so many rows tells what costs more than all else together.
_SAMPLED_ROWS = {"distinct": 1_000_000, "quantiles": 100_000}
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
) -> list[Measure]:
    """Measure a relation that shows exactly the audited version: its columns, then the table.

    ``is_text_only``: rows and NULLs alone are counted, as bronze and quarantine hold the same
    values as silver, untyped. Of ``hidden`` columns no value is recorded, of columns of text
    only of those in ``shown_texts``.
    """
    columns = read_columns(connection, relation)
    asked: dict[str, dict[str, str]] = {relation: {"rows": "count(*)"}}
    for position, (name, kind) in enumerate(columns.items()):
        for key, expression in _ask(
            name,
            kind,
            is_text_only=is_text_only,
            may_show=name not in hidden and (kind != "VARCHAR" or name in shown_texts),
        ):
            source = _source(relation, key, audited.rows)
            asked.setdefault(source, {})[f"{position}.{key}"] = expression
    values: dict[str, object] = {}
    for source, questions in asked.items():
        query = f"select {', '.join(questions.values())} from {source}"
        values |= zip(questions, connection.execute(query).fetchall()[0], strict=True)
    rows = int(str(values["rows"]))
    measures = [
        _column_measure(audited, name, rows, position, values)
        for position, name in enumerate(columns)
    ]
    return [*measures, _measure(audited, "", rows)]


def _ask(name: str, kind: str, *, is_text_only: bool, may_show: bool) -> Iterator[tuple[str, str]]:
    column = _quote(name)
    yield "filled", f"count({column})"
    if kind.startswith(_TIMES) and (may_show or name == _INGESTED):
        yield "newest", f"epoch_us(max({column})::timestamptz)"
    if is_text_only:
        return
    if not kind.endswith("]") and not kind.startswith(("STRUCT", "MAP")):
        yield "distinct", f"approx_count_distinct({column})"
    if may_show and (kind == "VARCHAR" or kind.startswith(_ORDERED)) and not kind.endswith("]"):
        yield "minimum", f"min({column})::varchar"
        yield "maximum", f"max({column})::varchar"
        if kind.startswith(_NUMBERS):
            yield "quantiles", f"approx_quantile({column}, {list(_QUANTILES)})"


def _source(relation: str, key: str, rows: int) -> str:
    """Write where a measure is taken: the table, or the same sample of it each time."""
    wanted = _SAMPLED_ROWS.get(key, rows)
    if rows <= wanted:
        return relation
    return f"{relation} tablesample system ({100 * wanted / rows:f}%) repeatable (1)"


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
    at = datetime.fromtimestamp(newest / 1e6, UTC) if isinstance(newest, int) else None
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


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _list(value: object) -> list[float]:
    return value if isinstance(value, list) else []


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
