"""File statistics: what DuckDB's COPY reports, in the form that the Delta log keeps.

Source: Delta transaction log protocol, section "Per-file Statistics".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from deltalake import Schema

_INTEGERS = {"byte", "short", "integer", "long"}
_LONGEST_TEXT = 256
_CALENDAR_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    rf"({_CALENDAR_DAY.pattern}) (\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d{{1,6}})?)(?:\+00)?"
)

Value = str | int | float


def file_statistics(
    rows: int, columns: Mapping[str, Mapping[str, str]] | None, schema: Schema
) -> str:
    """Write the JSON statistics of one data file.

    ``columns`` maps a quoted column path, as COPY's RETURN_STATS gives it, to its measures.
    Bounds of nested columns, long texts, columns with NaN or infinity, days and moments outside
    the years 0 to 9999 are left out: absent bounds mean "unknown", which is always true.
    """
    lows: dict[str, Value] = {}
    highs: dict[str, Value] = {}
    nulls: dict[str, int] = {}
    for field in schema.fields:
        kind = str(getattr(field.type, "type", ""))
        measures = (columns or {}).get('"' + field.name.replace('"', '""') + '"')
        if measures is None or not kind or kind in ("struct", "array", "map"):
            continue
        if "null_count" in measures:
            nulls[field.name] = int(measures["null_count"])
        if measures.get("has_nan") == "true" or not {"min", "max"} <= set(measures):
            continue
        low, high = _bound(measures["min"], kind), _bound(measures["max"], kind)
        if low is not None and high is not None:
            # Readers order -0.0 below 0.0, while the two are equal in SQL.
            lows[field.name] = -0.0 if isinstance(low, float) and low == 0 else low
            highs[field.name] = 0.0 if isinstance(high, float) and high == 0 else high
    return json.dumps(
        {"numRecords": rows, "minValues": lows, "maxValues": highs, "nullCount": nulls}
    )


def _bound(text: str, kind: str) -> Value | None:
    if kind in _INTEGERS:
        return int(text)
    if kind in ("float", "double"):
        return float(text) if math.isfinite(float(text)) else None
    if kind.startswith("decimal"):
        return float(text) if len(text.replace("-", "").replace(".", "")) <= 15 else None
    if kind == "string":
        return text if len(text) <= _LONGEST_TEXT else None
    if kind in ("timestamp", "timestamp_ntz"):
        # To the microsecond: a bound cut to milliseconds would hide rows from some readers.
        found = _MOMENT.fullmatch(text)
        return f"{found[1]}T{found[2]}{'Z' if kind == 'timestamp' else ''}" if found else None
    return text if kind == "date" and _CALENDAR_DAY.fullmatch(text) else None
