"""Is a delivery UTF-8 text? Checked in chunks, so that its size does not matter."""

from __future__ import annotations

import codecs
from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """Why a file cannot be read, the byte (from 0) where that shows, and what to do."""

    offset: int
    problem: str
    remedy: str


class TextCheck:
    """Finds the first byte that is not UTF-8 text. NUL bytes are UTF-8, but no text."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._offset = 0

    def feed(self, chunk: bytes) -> Defect | None:
        """Take the next bytes of the file."""
        start = self._offset
        self._offset += len(chunk)
        nul = chunk.find(b"\0")
        if nul >= 0:
            remedy = "deliver it as UTF-8 text (UTF-16 and binary files hold such bytes)"
            return Defect(start + nul, "a NUL byte", remedy)
        pending = len(self._decoder.getstate()[0])
        if chunk.isascii() and not pending:
            return None
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return _not_utf8(start - pending + error.start)
        return None

    def finish(self) -> Defect | None:
        """Judge the end of the file: it may not lie inside a character."""
        pending = len(self._decoder.getstate()[0])
        return _not_utf8(self._offset - pending) if pending else None


def _not_utf8(offset: int) -> Defect:
    remedy = "have the producer write UTF-8, or convert the file, and deliver it again"
    return Defect(offset, "bytes that are not UTF-8", remedy)
