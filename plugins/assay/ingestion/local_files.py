"""Deliveries that are files in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assay.domain import Load, Server
from assay.errors import SourceError
from assay.ingestion.landed_file import DeliveryScan, IncomingFile, copy_scanned

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNFINISHED = (".tmp", ".part")
_WILDCARDS = frozenset("*?[")
# File systems stamp changes with a coarse clock; a change this old was before the landing.
_CLOCK_MARGIN = timedelta(seconds=2)


@dataclass(frozen=True)
class FileDelivery:
    """One file as it stands now. ``name`` identifies the source; times are UTC microseconds."""

    name: str
    path: Path
    delivered_at_utc: datetime
    changed_at_utc: datetime
    size_bytes: int


def find_deliveries(server: Server, deliveries: Path) -> list[FileDelivery]:
    """List the files that match a server's pattern, by delivery time, then name.

    Hidden files and unfinished ones (``*.tmp``, ``*.part``) are not deliveries. None is no error.

    Raises:
        SourceError: a file or folder cannot be looked at.
    """
    try:
        found = [_describe(server, path, deliveries) for path in _matches(server, deliveries)]
    except OSError as error:
        raise _unreadable(server, Path(error.filename or deliveries), error) from error
    return sorted(found, key=lambda delivery: (delivery.delivered_at_utc, delivery.name))


def is_unchanged(delivery: FileDelivery, loads: Sequence[Load]) -> bool:
    """Tell from its metadata alone that a file landed before, so that it need not be read.

    The system stamps every change of a file (``ctime``), and nobody can set that back. A file
    last changed before its landing began is therefore the file that landed.
    """
    return any(
        load.source_name == delivery.name
        and load.delivered_at_utc == delivery.delivered_at_utc
        and load.size_bytes == delivery.size_bytes
        and delivery.changed_at_utc + _CLOCK_MARGIN < load.landed_at_utc
        for load in loads
    )


def fetch_file(delivery: FileDelivery, incoming: IncomingFile, scan: DeliveryScan) -> None:
    """Copy a file's bytes as they are.

    Raises:
        SourceError: it cannot be read, or it changed meanwhile (then a later try may succeed).
    """
    try:
        with delivery.path.open("rb", buffering=0) as source:
            copy_scanned(source, incoming.handle, scan)
        after = delivery.path.stat()
    except OSError as error:
        raise SourceError(
            f"{delivery.name} cannot be read: {error.strerror}",
            where=str(delivery.path),
            todo="give the user that runs Assay permission to read it, or deliver it again",
        ) from error
    if (after.st_size, _utc(after.st_mtime_ns)) != (scan.size_bytes, delivery.delivered_at_utc):
        changed = SourceError(
            f"{delivery.name} changed while it was being copied; nothing of it was landed",
            where=str(delivery.path),
            todo="try again when its producer is done; let the producer write to a name that ends"
            " in .part and rename it",
        )
        changed.retryable = True
        raise changed


def _matches(server: Server, deliveries: Path) -> Iterator[Path]:
    pattern = Path(server.path)
    folder = Path(pattern.anchor) if pattern.is_absolute() else deliveries
    relative = str(pattern.relative_to(pattern.anchor)) if pattern.is_absolute() else server.path
    if not relative or relative == ".":
        raise SourceError(
            f"server '{server.name}' has no path: expected a glob pattern such as airlines/*.csv",
            todo="set `path` in the contract's `servers`",
        )
    _require_readable(folder, Path(relative).parts)
    for path in folder.glob(relative):
        parts = path.relative_to(folder).parts
        is_hidden = any(part.startswith(".") and part != ".." for part in parts)
        if not is_hidden and path.suffix not in _UNFINISHED and path.is_file():
            yield path


def _require_readable(folder: Path, parts: Sequence[str]) -> None:
    """Look into every folder that a pattern means: ``glob`` passes over those that it may not.

    Raises:
        OSError: one cannot be looked into. One that is not there is no error.
    """
    for position, part in enumerate(parts):
        above = "/".join(parts[:position])
        for each in folder.glob(above) if above else [folder]:
            with suppress(FileNotFoundError, NotADirectoryError):
                if _WILDCARDS & set(part):
                    os.scandir(each).close()
                else:
                    (each / part).stat()


def _describe(server: Server, path: Path, deliveries: Path) -> FileDelivery:
    status = path.stat()
    name = path.relative_to(deliveries) if path.is_relative_to(deliveries) else path
    return FileDelivery(
        name=f"{server.name}/{name.as_posix().lstrip('/')}",
        path=path,
        delivered_at_utc=_utc(status.st_mtime_ns),
        changed_at_utc=_utc(status.st_ctime_ns),
        size_bytes=status.st_size,
    )


def _utc(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def _unreadable(server: Server, path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"deliveries of server '{server.name}' cannot be listed: {error.strerror}",
        where=os.fspath(path),
        todo="give the user that runs Assay permission to look into it",
    )
