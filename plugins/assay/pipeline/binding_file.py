"""A binding as a file: how a run tells the dbt that it starts what to read and write."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from assay.domain import (
    BoundEntity,
    BoundLoad,
    BoundTable,
    LakeBinding,
    ReplayedRow,
    SettledRow,
    TableRef,
)
from assay.errors import TransformError


def write_binding(binding: LakeBinding, path: Path) -> None:
    """Write a binding as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(binding), default=_encode), encoding="utf-8")


def read_binding(path: Path) -> LakeBinding:
    """Read a binding back.

    Raises:
        TransformError: the file is missing or not a binding.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return _binding(values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TransformError(
            f"the binding of this dbt run cannot be read: {error}",
            where=str(path),
            todo="unset ASSAY_BINDING_FILE: it is set by runs, not by people",
        ) from error


def _encode(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _binding(values: dict[str, Any]) -> LakeBinding:
    return LakeBinding(
        **values
        | {
            "reads": tuple(_table(each) for each in values["reads"]),
            "bases": tuple(_table(each) for each in values["bases"]),
            "entities": tuple(_entity(each) for each in values["entities"]),
            "notices": tuple(values["notices"]),
        }
    )


def _table(values: dict[str, Any]) -> BoundTable:
    table = TableRef.parse(f"{values['table']['layer']}.{values['table']['name']}")
    return BoundTable(table, values["path"], values["version"])


def _entity(values: dict[str, Any]) -> BoundEntity:
    return BoundEntity(
        product=values["product"],
        table=values["table"],
        columns=tuple(values["columns"]),
        loads=tuple(_load(each) for each in values["loads"]),
        newest_load=values["newest_load"],
        settled=tuple(_settled(each) for each in values["settled"]),
        replays=tuple(_replay(each) for each in values["replays"]),
    )


def _load(values: dict[str, Any]) -> BoundLoad:
    return BoundLoad(
        **values
        | {
            "ingested_at_utc": datetime.fromisoformat(values["ingested_at_utc"]),
            "delivered_columns": tuple(values["delivered_columns"]),
            "headers": tuple(values["headers"]),
        }
    )


def _settled(values: dict[str, Any]) -> SettledRow:
    return SettledRow(**values | {"rules_broken": tuple(values["rules_broken"])})


def _replay(values: dict[str, Any]) -> ReplayedRow:
    seen = datetime.fromisoformat(values["first_seen_at_utc"])
    return ReplayedRow(**values | {"first_seen_at_utc": seen})
