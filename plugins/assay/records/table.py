"""One append-only table of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import pyarrow as pa
from deltalake import DeltaTable, PostCommitHookProperties, QueryBuilder, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from assay.errors import ConcurrentWrite, StorageError
from assay.records.arrow_schema import from_arrow, record_schema, to_arrow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)
else:
    T = TypeVar("T")

_APPEND_ATTEMPTS = 10
_COMMITS_BETWEEN_COMPACTIONS = 32
_ANSWERS_KEPT = 16
_PROPERTIES = {
    "delta.checkpointInterval": "25",
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 3650 days",
}
_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)


class RecordTable(Generic[T]):
    """A Delta table at ``lake/_assay/<name>`` that holds records of one type.

    Reads see every commit that ended before them. Writes only ever add rows. The log that was
    read, and the last answers while nothing is added, are kept: a run asks the same often.
    """

    def __init__(self, lake: Path, name: str, record_type: type[T]) -> None:
        self.path = lake / "_assay" / name
        self._type = record_type
        self._schema = record_schema(record_type)
        self._opened: DeltaTable | None = None
        self._known: tuple[int, dict[str, list[T]]] = (-1, {})

    def append(self, records: Sequence[T]) -> None:
        """Add records in one commit. Adding none does nothing.

        Raises:
            StorageError: the table cannot be written.
        """
        if not records:
            return
        rows = to_arrow(records, self._type)
        for attempt in range(1, _APPEND_ATTEMPTS + 1):
            try:
                self._create_if_absent()
                table = self._newest()
                write_deltalake(
                    table,
                    rows,
                    mode="append",
                    schema_mode="merge",
                    post_commithook_properties=_HOOKS,
                )
                _compact_sometimes(table)
                return
            except CommitFailedError as error:
                if attempt == _APPEND_ATTEMPTS:
                    raise ConcurrentWrite(
                        f"records could not be added after {attempt} attempts: {error}",
                        where=str(self.path),
                        todo="run the same command again",
                    ) from error
            except (DeltaError, OSError) as error:
                raise self._failure("written", error) from error

    def insert_if_absent(self, record: T, keys: Sequence[str]) -> bool:
        """Add a record unless one with the same keys is there: compare-and-set.

        Returns whether it was added. Of several writers with equal keys exactly one adds.

        Raises:
            StorageError: the table cannot be written.
        """
        rows = to_arrow([record], self._type)
        predicate = " and ".join(f"there.{key} = new.{key}" for key in keys)
        for _ in range(_APPEND_ATTEMPTS):
            try:
                table = DeltaTable(str(self._create_if_absent()))
                metrics = (
                    table.merge(
                        rows,
                        predicate,
                        source_alias="new",
                        target_alias="there",
                        streamed_exec=False,
                        post_commithook_properties=_HOOKS,
                    )
                    .when_not_matched_insert_all()
                    .execute()
                )
            except CommitFailedError:
                continue
            except (DeltaError, OSError) as error:
                raise self._failure("written", error) from error
            return bool(metrics["num_target_rows_inserted"])
        raise ConcurrentWrite(
            f"a record could not be added after {_APPEND_ATTEMPTS} attempts",
            where=str(self.path),
            todo="run the same command again",
        )

    def read(self, **equals: str | int) -> list[T]:
        """Return the records whose columns equal the given values, in no stated order.

        Raises:
            StorageError: the table is there but cannot be read.
        """
        return self.read_any([equals])

    def read_any(self, conditions: Sequence[Mapping[str, str | int]]) -> list[T]:
        """Return the records that meet one of the conditions, each a set of equal columns.

        Raises:
            StorageError: the table is there but cannot be read.
        """
        if not conditions or not self.exists():
            return []
        query = f"select * from records where {' or '.join(map(_condition, conditions))}"
        try:
            table = self._newest()
            version, known = self._known
            if version != table.version() or len(known) >= _ANSWERS_KEPT:
                known = {}
                self._known = (table.version(), known)
            if query not in known:
                rows = pa.table(QueryBuilder().register("records", table).execute(query))
                known[query] = from_arrow(rows, self._type)
        except (DeltaError, OSError, pa.ArrowException) as error:
            raise self._failure("read", error) from error
        return list(known[query])

    def version(self) -> int | None:
        """Return the number of the last commit, or None where nothing was ever recorded."""
        return DeltaTable(str(self.path), without_files=True).version() if self.exists() else None

    def exists(self) -> bool:
        """Tell whether anything was ever recorded."""
        return (self.path / "_delta_log").is_dir() and DeltaTable.is_deltatable(str(self.path))

    def _newest(self) -> DeltaTable:
        """The table as of now: what is known of its log is read no second time."""
        known = self._opened
        if known is not None:
            # It fails where another log stands there now, put back from a copy.
            with suppress(DeltaError):
                known.update_incremental()
                return known
        self._opened = DeltaTable(str(self.path))
        return self._opened

    def _create_if_absent(self) -> Path:
        if not self.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            # Where another creates it at the same moment, its commit is as good.
            with suppress(CommitFailedError):
                DeltaTable.create(
                    str(self.path), schema=self._schema, mode="ignore", configuration=_PROPERTIES
                )
        return self.path

    def _failure(self, verb: str, error: Exception) -> StorageError:
        return StorageError(
            f"records could not be {verb}: {error}",
            where=str(self.path),
            todo="check the disk and the permissions of the lake's folder",
        )


def _compact_sometimes(table: DeltaTable) -> None:
    """Join the small files of many appends. Another's compaction meanwhile is as good."""
    if table.version() % _COMMITS_BETWEEN_COMPACTIONS:
        return
    with suppress(DeltaError):
        table.optimize.compact(post_commithook_properties=_HOOKS)


def _condition(equals: Mapping[str, str | int]) -> str:
    each = [f"{column} = {_literal(value)}" for column, value in equals.items()]
    return f"({' and '.join(each) or 'true'})"


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
