"""Keeping a plain lake small: small files are joined, and what is past its time goes.

Other processes may write meanwhile, without a lock: files younger than the days that are kept are
left alone, so that no write under way loses one, and a compaction that another writer came before
is left for the next time.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from assay.errors import AssayError, StorageError
from assay.pipeline.plain_lake import PlainLake
from assay.storage import (
    Cleaning,
    clean_table,
    compact_table,
    open_connection,
    open_table,
    versions_since,
)

KEEP_DAYS_PROPERTY = "assay.keep_days"
_LEFTOVERS = ("_scratch", "_dropped")


@dataclass(frozen=True)
class TableUpkeep:
    """What was done for one table. ``problem`` says what was left for the next time, and why."""

    table: str
    joined_files: int
    cleaning: Cleaning
    problem: str = ""


def maintain_plain_lake(
    root: Path, *, keep_days: int, now: datetime, is_dry_run: bool = False
) -> tuple[TableUpkeep, ...]:
    """Compact every table of a lake, and remove what only versions past their time need.

    Versions that were the newest within ``keep_days``, or within a table's own
    ``assay.keep_days`` (a table property), stay readable; so does the newest one.

    Raises:
        StorageError: there is no such folder.
    """
    if not root.is_dir():
        raise StorageError(f"there is no lake at {root}", todo="name the folder of the dbt profile")
    lake = PlainLake(root)
    with open_connection() as connection:
        done = tuple(
            _maintain(
                connection, root / schema / name, f"{schema}.{name}", keep_days, now, is_dry_run
            )
            for schema, name, _ in lake.tables()
        )
    if not is_dry_run:
        _remove_leftovers(root, now - timedelta(days=max(keep_days, 1)))
    return done


def _maintain(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    keep_days: int,
    now: datetime,
    is_dry_run: bool,
) -> TableUpkeep:
    joined, cleaning, problems = 0, Cleaning((), (), 0), []
    try:
        joined = compact_table(connection, path, table, is_dry_run=is_dry_run)
    except AssayError as error:
        problems.append(str(error.what))
    try:
        since = now - timedelta(days=_keep_days(path, table, keep_days))
        keep = versions_since(path, since)
        cleaning = clean_table(path, keep, before=since, is_dry_run=is_dry_run)
    except StorageError as error:
        problems.append(str(error.what))
    return TableUpkeep(table, joined, cleaning, "; ".join(problems))


def _keep_days(path: Path, table: str, usual: int) -> int:
    own = open_table(path).metadata().configuration.get(KEEP_DAYS_PROPERTY)
    if own is None:
        return usual
    if not own.isdecimal() or int(own) < 1:
        raise StorageError(
            f"{KEEP_DAYS_PROPERTY} of {table} is '{own}'",
            todo="write a number of days, at least 1, in the model's table_properties",
        )
    return int(own)


def _remove_leftovers(root: Path, before: datetime) -> None:
    """Remove what killed drops and scratch models left."""
    for folder in _LEFTOVERS:
        for found in (root / folder).glob("*"):
            if found.stat().st_mtime < before.timestamp():
                if found.is_dir():
                    shutil.rmtree(found, ignore_errors=True)
                else:
                    found.unlink(missing_ok=True)
