"""How a table shall be kept: its layout, its constraints, what its metadata says."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from deltalake import Field, Schema

from assay.errors import StorageError

TABLE_PROPERTIES: Mapping[str, str] = {
    "delta.checkpointInterval": "25",
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 3650 days",
    "delta.deletedFileRetentionDuration": "interval 3650 days",
    "delta.setTransactionRetentionDuration": "interval 30 days",
}
CONSTRAINT_PREFIX = "delta.constraints."
CHECK_PREFIX = "assay.check."
CODECS = ("snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed")
_PARTITION_TYPES = {"byte", "short", "integer", "long", "string", "date", "boolean"}
FILE_SIZE_PROPERTY = "delta.targetFileSize"
_FILE_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:([KMG])(i?))?B", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class TableSpec:
    """A table's settings. What is left empty is as the table has it, or as DuckDB does it.

    ``cluster_by`` sorts the rows of each write. ``checks`` maps a constraint's name to SQL that
    no row may make false. ``properties`` come on top of :data:`TABLE_PROPERTIES`.
    ``file_size`` is the size at which a new file is begun, of tables without partitions.
    """

    partition_by: tuple[str, ...] = ()
    cluster_by: tuple[str, ...] = ()
    file_size: str = "128MB"
    codec: str = "snappy"
    properties: Mapping[str, str] = field(default_factory=dict)
    not_null: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    description: str = ""

    @property
    def configuration(self) -> dict[str, str]:
        """The table properties that Delta knows, without the constraints."""
        own = {k: v for k, v in self.properties.items() if k.startswith("delta.")}
        if self.file_size != TableSpec.file_size:
            own.setdefault(FILE_SIZE_PROPERTY, str(size_in_bytes(self.file_size)))
        return {**TABLE_PROPERTIES, **own}

    @property
    def extras(self) -> dict[str, str]:
        """Properties that Delta does not know: a user's own, and the checks as they were written
        (delta-rs keeps them in words of its own)."""
        own = {k: v for k, v in self.properties.items() if not k.startswith("delta.")}
        return {**own, **{CHECK_PREFIX + name: sql for name, sql in self.checks.items()}}


def check_spec(spec: TableSpec, schema: Schema, table: str) -> None:
    """Refuse settings that do not fit the columns, or that nothing could obey.

    Raises:
        StorageError: names the setting, its value and what is allowed.
    """
    kinds = {f.name: str(getattr(f.type, "type", "nested")) for f in schema.fields}
    for setting in ("partition_by", "cluster_by", "not_null"):
        _refuse_unknown(table, setting, getattr(spec, setting), kinds)
    for name in spec.partition_by:
        kind = kinds[name]
        if kind not in _PARTITION_TYPES and not kind.startswith("decimal"):
            raise StorageError(
                f"{table} cannot be partitioned by {name}, which is {kind}",
                todo="partition by an integer, a decimal, a text, a date or a boolean:"
                " cast it in the model's SQL",
            )
    if spec.partition_by and set(spec.partition_by) == set(kinds):
        raise StorageError(
            f"{table} is partitioned by all of its columns",
            todo="leave at least one column out of partition_by",
        )
    if spec.codec not in CODECS:
        raise StorageError(
            f"the codec of {table} is '{spec.codec}'", todo=f"allowed: {', '.join(CODECS)}"
        )
    if not _FILE_SIZE.fullmatch(spec.file_size):
        raise StorageError(
            f"the target file size of {table} is '{spec.file_size}'",
            todo="write it as a number and a unit, such as 128MB",
        )
    for name in spec.checks:
        if not _NAME.fullmatch(name):
            raise StorageError(
                f"a constraint of {table} is named '{name}'",
                todo="name it with letters, digits and underscores",
            )


def size_in_bytes(text: str) -> int:
    """Read a size such as 128MB as DuckDB does: K, M and G are powers of 1000, Ki of 1024."""
    found = _FILE_SIZE.fullmatch(text)
    if found is None:
        return 0
    number, unit, binary = found.groups()
    power = "KMG".index(unit.upper()) + 1 if unit else 0
    return int(float(number) * (1024 if binary else 1000) ** power)


def described(schema: Schema, spec: TableSpec) -> Schema:
    """Add what a table's settings say of its columns to a schema: comments and NOT NULL."""
    return Schema(
        [
            Field(
                field.name,
                field.type,
                nullable=field.nullable and field.name not in spec.not_null,
                metadata={"comment": comment}
                if (comment := spec.comments.get(field.name, ""))
                else None,
            )
            for field in schema.fields
        ]
    )


def _refuse_unknown(
    table: str, setting: str, names: Collection[str], known: Collection[str]
) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise StorageError(
            f"{setting} of {table} names columns that it does not have: {', '.join(unknown)}",
            todo=f"its columns are {', '.join(known)}",
        )
