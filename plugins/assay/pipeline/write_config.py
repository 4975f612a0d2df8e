"""What a dbt model's config means for the write of its table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.errors import StorageError
from assay.storage import MergeRules, SchemaChange, TableSpec, WriteMode

# A merge writes the files anew that it touches: the smaller they are, the less that is.
MERGED_FILE_SIZE = "32MB"

_ENFORCED = {"not_null", "check"}
_RETENTION = (
    "delta.enableExpiredLogCleanup",
    "delta.logRetentionDuration",
    "delta.deletedFileRetentionDuration",
)


@dataclass(frozen=True)
class WriteConfig:
    """A model's write: how, by which keys and rules, and how the table shall be kept."""

    mode: WriteMode
    keys: tuple[str, ...]
    spec: TableSpec
    merge: MergeRules
    schema_change: SchemaChange
    replace_where: str
    batch: str


def read_write_config(
    request: Mapping[str, Any], columns: Sequence[str], table: str
) -> WriteConfig:
    """Read what the macro ``store_in_lake`` sends.

    Names of columns are found in ``columns``, the model's own, whatever their case.

    Raises:
        StorageError: a setting cannot be read.
    """
    rules: Mapping[str, Any] = request.get("rules") or {}
    settings: Mapping[str, Any] = request.get("settings") or {}
    known = {name.lower(): name for name in columns}

    def named(value: object) -> tuple[str, ...]:
        names = dict.fromkeys(_texts(value))
        return tuple(known.get(name.strip('"').lower(), name) for name in names)

    keys = named(rules.get("keys") or request.get("unique_key"))
    unknown = [key for key in keys if key not in columns]
    if unknown and request["mode"] == "merge" and request["has_base"]:
        raise StorageError(
            f"unique_key of {table} names columns that its rows do not have: {', '.join(unknown)}",
            todo=f"its columns are {', '.join(columns)}",
        )
    return WriteConfig(
        mode=WriteMode(request["mode"]),
        keys=keys,
        spec=_spec(request, settings, named, table),
        merge=MergeRules(
            update_columns=named(
                rules.get("update_columns") or settings.get("merge_update_columns")
            ),
            exclude_columns=named(settings.get("merge_exclude_columns")),
            predicates=_texts(rules.get("predicates")),
            delete_when=str(settings.get("merge_delete_when", "")),
            soft_delete_when=str(settings.get("merge_soft_delete_when", "")),
            soft_delete_columns=named(settings.get("merge_soft_delete_columns")),
            update_when=str(
                rules.get("update_when") or settings.get("merge_update_condition") or ""
            ),
            insert_when=str(
                rules.get("insert_when") or settings.get("merge_insert_condition") or ""
            ),
            method=str(settings.get("delta_write", "")),
            is_by_row=bool(rules.get("is_by_row", True)),
            control_columns=_texts(rules.get("control_columns")),
        ),
        schema_change=SchemaChange(rules.get("schema_change") or SchemaChange.STRICT),
        replace_where=str(rules.get("where", "")),
        batch=str(rules.get("batch", "")),
    )


def _spec(
    request: Mapping[str, Any], settings: Mapping[str, Any], named: Any, table: str
) -> TableSpec:
    constraints = list(request.get("constraints") or [])
    not_null: list[str] = []
    checks: dict[str, str] = {}
    for position, constraint in enumerate(constraints, start=1):
        kind = str(constraint["type"]).rsplit(".", 1)[-1]
        if kind == "not_null":
            not_null += constraint["columns"]
        elif kind == "check":
            made = "_".join([*constraint["columns"], "check", str(position)])
            checks[constraint["name"] or re.sub(r"\W", "", made)] = constraint["expression"]
    # A quoted column is meant as it is written; others in any case.
    comments = {
        name if comment["is_quoted"] else named([name])[0]: str(comment["text"])
        for name, comment in (request.get("comments") or {}).items()
    }
    properties = settings.get("table_properties") or {}
    if not isinstance(properties, Mapping):
        raise StorageError(
            f"table_properties of {table} are no mapping: {properties}",
            todo="write them as name: value, such as delta.checkpointInterval: 10",
        )
    is_merged = request["mode"] == WriteMode.MERGE
    usual_size = MERGED_FILE_SIZE if is_merged else TableSpec.file_size
    return TableSpec(
        partition_by=named(settings.get("partition_by")),
        cluster_by=named(settings.get("cluster_by")),
        file_size=str(settings.get("target_file_size", usual_size)),
        codec=str(settings.get("codec", TableSpec.codec)),
        properties={str(key): _property(value) for key, value in properties.items()},
        not_null=named(not_null),
        checks=checks,
        comments={name: text for name, text in comments.items() if text},
        description=str(request.get("comment") or ""),
    )


def unenforced_constraints(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the kinds of constraints that are declared and that Delta cannot keep."""
    kinds = {str(c["type"]).rsplit(".", 1)[-1] for c in request.get("constraints") or []}
    return tuple(sorted(kinds - _ENFORCED))


def refuse_retention(spec: TableSpec, table: str) -> None:
    """Refuse table properties by which another engine would remove what a release needs.

    Raises:
        StorageError: names the property.
    """
    for name in _RETENTION:
        if name in spec.properties:
            raise StorageError(
                f"table_properties of {table} set {name}: releases need logs and files for longer",
                todo="leave it out: `assay maintain` removes what no retained release needs",
            )


def _property(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(value: object) -> tuple[str, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, Sequence) else (str(value),)
