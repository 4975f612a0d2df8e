"""Removing what no version that is kept needs: data files, orphans of killed writes, old logs.

Nothing here commits: a table's newest version stays the number that it was.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from assay.errors import StorageError
from assay.storage.tables import DRAFT_PREFIX, open_table

_LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint.*\.parquet|crc|[0-9a-f-]+\.json\.tmp)")
_LEFT_BY_COMMITS = re.compile(r"_commit_.*\.tmp")


@dataclass(frozen=True)
class Cleaning:
    """What can go, or went: paths below the table's folder, and their size."""

    data_files: tuple[str, ...]
    log_files: tuple[str, ...]
    size_bytes: int


def clean_table(
    path: Path,
    keep: Collection[int],
    *,
    before: datetime | None = None,
    is_dry_run: bool = False,
) -> Cleaning:
    """Remove data files that no kept version has, orphans included, and logs before the oldest.

    The newest version is always kept. A file of a write that is not committed yet looks like an
    orphan: either the caller holds the lock of the table's writers, or ``before`` spares the
    files that were written since. Killed at any instruction, every kept version still opens:
    files go only after the checkpoint that replaces them.

    Raises:
        StorageError: a version to keep cannot be opened. Nothing was removed.
    """
    newest = open_table(path).version()
    kept = sorted({*keep, newest})
    for version in kept:
        open_table(path, version)
    data_files = _written_before(before, path, _unneeded_data(path, kept))
    logs = _unneeded_logs(path, kept[0], is_dry_run=is_dry_run)
    log_files = _written_before(before, path, logs)
    size = sum(_size(path / name) for name in (*data_files, *log_files))
    if not is_dry_run:
        for name in (*data_files, *log_files):
            (path / name).unlink(missing_ok=True)
    return Cleaning(tuple(data_files), tuple(log_files), size)


def versions_since(path: Path, moment: datetime) -> tuple[int, ...]:
    """List the versions that were the newest at a moment or came after it."""
    found = sorted((each["timestamp"], each["version"]) for each in open_table(path).history())
    first = max(
        (i for i, (at, _) in enumerate(found) if at <= moment.timestamp() * 1000), default=0
    )
    return tuple(int(version) for _, version in found[first:])


def _written_before(moment: datetime | None, path: Path, names: list[str]) -> list[str]:
    if moment is None:
        return names
    return [name for name in names if _modified(path / name) < moment.timestamp()]


def _unneeded_data(path: Path, kept: list[int]) -> list[str]:
    """List the data files on disk that no kept version names.

    The names in the logs are compared, not times: a file is needed or it is not.
    """
    needed: set[str] = set()
    for version in kept:
        uris = open_table(path, version).file_uris()
        needed |= {uri.rsplit("/", 1)[-1] for uri in uris}
    found = [file for file in path.rglob("*.parquet") if "_delta_log" not in file.parts]
    drafts = [file for file in path.glob(f"{DRAFT_PREFIX}*/**/*") if file.is_file()]
    unneeded = [file for file in found if file.name not in needed]
    return sorted({str(file.relative_to(path)) for file in (*unneeded, *drafts)})


def _unneeded_logs(path: Path, oldest: int, *, is_dry_run: bool) -> list[str]:
    """List log files before the oldest kept version, which a checkpoint makes independent."""
    log = path / "_delta_log"
    files = {file.name: _LOG_FILE.fullmatch(file.name) for file in log.iterdir()}
    before = [name for name, match in files.items() if match and int(match[1]) < oldest]
    if before and not is_dry_run:
        _checkpoint(open_table(path, oldest))
        if DeltaTable(str(path)).version() != oldest:
            _checkpoint(open_table(path))
    # delta-rs leaves these where a commit was killed.
    before += [name for name in files if _LEFT_BY_COMMITS.fullmatch(name)]
    return sorted(f"_delta_log/{name}" for name in before)


def _checkpoint(table: DeltaTable) -> None:
    try:
        table.create_checkpoint()
    except DeltaError as error:
        raise StorageError(f"no checkpoint of {table.table_uri} could be made: {error}") from error


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
