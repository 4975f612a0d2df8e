"""Copies a delivery's bytes into the landing zone, unchanged, and scans them on the way."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assay.ingestion.line_scan import LineScan
from assay.ingestion.text_check import Defect, TextCheck

# Small enough to stay in a processor's cache from one look at it to the next.
_CHUNK_BYTES = 256 << 10
_INCOMING = ".incoming-"


@dataclass(frozen=True)
class LandedFile:
    """Bytes that landed. ``defect`` is the first reason why they cannot be read, if any."""

    path: Path
    sha256: str
    size_bytes: int
    lines: LineScan
    defect: Defect | None


def landing_folder(lake: Path, product: str, table: str) -> Path:
    """Return the folder of a table's landed bytes, named by their content's hash."""
    return lake / "landing" / product / table


def remove_unfinished(folder: Path) -> None:
    """Remove copies that a killed process left. The caller holds the product's write lock."""
    for path in folder.glob(f"{_INCOMING}*"):
        path.unlink(missing_ok=True)


class IncomingFile:
    """A delivery on its way in: a temporary file beside its destination, read-only to others.

    Use it as a context manager; what is not kept by :meth:`keep` is removed.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.path = folder / f"{_INCOMING}{os.getpid()}.part"

    def __enter__(self) -> IncomingFile:
        self.path.unlink(missing_ok=True)
        descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o444)
        self.handle = os.fdopen(descriptor, "w+b")
        return self

    def __exit__(self, *_: object) -> None:
        self.handle.close()
        self.path.unlink(missing_ok=True)

    def keep(self, sha256: str) -> Path:
        """Make the bytes durable under their hash. Equal bytes are stored once."""
        destination = self._folder / f"{sha256}.csv"
        self.handle.flush()
        os.fsync(self.handle.fileno())
        self.path.replace(destination)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return destination


class DeliveryScan:
    """Takes a delivery's bytes once: hashes them and looks for the first defect."""

    def __init__(self, delimiter: str) -> None:
        self._digest = hashlib.sha256()
        self._text = TextCheck()
        self._lines = LineScan(delimiter)
        self._defect: Defect | None = None
        self.size_bytes = 0

    def feed(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.size_bytes += len(chunk)
        self._defect = self._defect or self._text.feed(chunk) or self._lines.feed(chunk)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def finish(self, path: Path, *, is_final_line_break_optional: bool) -> LandedFile:
        defect = (
            self._defect
            or self._text.finish()
            or self._lines.finish(is_final_line_break_optional=is_final_line_break_optional)
        )
        return LandedFile(path, self.sha256, self.size_bytes, self._lines, defect)


def copy_scanned(source: BinaryIO, target: BinaryIO, scan: DeliveryScan) -> None:
    """Copy all bytes from source to target, in chunks, feeding the scan."""
    while chunk := source.read(_CHUNK_BYTES):
        target.write(chunk)
        scan.feed(chunk)


def scan_file(path: Path, delimiter: str, *, is_final_line_break_optional: bool) -> LandedFile:
    """Scan a file where it lies, as if it had landed."""
    scan = DeliveryScan(delimiter)
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            scan.feed(chunk)
    return scan.finish(path, is_final_line_break_optional=is_final_line_break_optional)


def line_number(path: Path, offset: int) -> int:
    """Return the line (from 1) that a byte stands in, as an editor counts lines."""
    line, remaining = 1, offset
    with path.open("rb") as handle:
        while remaining > 0 and (chunk := handle.read(min(_CHUNK_BYTES, remaining))):
            line += chunk.count(b"\n")
            remaining -= len(chunk)
    return line
