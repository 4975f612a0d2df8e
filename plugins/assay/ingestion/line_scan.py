"""Are a delivery's quotes and line breaks such that every reader sees the same rows?

The scan knows three bytes (quote, carriage return, line feed) and never splits a row into
fields; :mod:`assay.ingestion.row_count` does.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from assay.ingestion.text_check import Defect

# DuckDB reads rows of up to 2,000,000 bytes (`max_line_size`), line break included.
MAX_ROW_BYTES = 1_900_000

_BOM = b"\xef\xbb\xbf"
_QUOTE, _CR, _LF = b'"\r\n'
_ONE_KIND = "end every line with the same line break, LF or CRLF"
Codes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]


class LineScan:
    """Counts lines and finds the first byte that readers could take differently.

    ``lines`` are those that hold something, the header among them; a quoted line break ends no
    line. ``empty_lines`` hold nothing; ``first_empty_line`` is the first one's byte.

    Source: RFC 4180, section 2, narrowed to what pyarrow and DuckDB read alike.
    """

    def __init__(self, delimiter: str) -> None:
        self.lines = 0
        self.empty_lines = 0
        self.first_empty_line = -1
        self.has_quotes = False
        self._before_quote = np.frombuffer(delimiter.encode() + b'"\n', dtype=np.uint8)
        self._after_quote = np.frombuffer(delimiter.encode() + b'"\r\n', dtype=np.uint8)
        self._start = self._offset = 0
        self._last = b"\n"
        self._is_quoted = False
        self._last_quote = -1
        self._line_start = 0
        self._is_crlf: bool | None = None

    @property
    def starts_with_empty_line(self) -> bool:
        return self.first_empty_line == self._start

    def feed(self, chunk: bytes) -> Defect | None:
        """Take the next bytes: at first three or more, if there are; none after a defect."""
        if self._offset == 0 and chunk.startswith(_BOM):
            chunk = chunk[len(_BOM) :]
            self._start = self._offset = self._line_start = len(_BOM)
        if not chunk:
            return None
        window = self._last + chunk
        codes = np.frombuffer(window, dtype=np.uint8)
        base = self._offset - 1
        was_quoted = self._is_quoted
        quotes = _find(codes, _QUOTE, window)
        defect = self._check_quotes(codes, quotes, base)
        line_feeds = _outside(_find(codes, _LF, window), quotes, was_quoted)
        returns = _outside(_find(codes, _CR, window, first=0), quotes, was_quoted)
        defect = defect or self._check_breaks(codes, line_feeds, returns, base)
        defect = defect or self._end_lines(codes, line_feeds, base)
        self._offset += len(chunk)
        self._last = chunk[-1:]
        return defect

    def finish(self, *, is_final_line_break_optional: bool) -> Defect | None:
        """Judge the end of the file."""
        if self._is_quoted:
            remedy = "the file may be truncated: deliver it whole, or close the quote"
            return Defect(self._last_quote, "a quote that is never closed", remedy)
        if self._offset == self._line_start:
            return None
        if self._last == b"\r":
            return Defect(self._offset - 1, "a carriage return without a line feed", _ONE_KIND)
        if not is_final_line_break_optional:
            remedy = (
                "deliver the whole file; where its producer never ends the last line, say"
                " `finalLineBreak: optional` in the contract's customProperties"
            )
            problem = "no line break after the last line, as in a truncated file"
            return Defect(self._offset, problem, remedy)
        self.lines += 1
        return self._check_length(self._offset - self._line_start, self._line_start)

    def _check_quotes(self, codes: Codes, quotes: Positions, base: int) -> Defect | None:
        """Quotes enclose whole fields, and are doubled inside them."""
        if not self._is_quoted and codes[0] == _QUOTE and codes[1] not in self._after_quote:
            return _stray_quote(base)
        if not len(quotes):
            return None
        self.has_quotes = True
        opening = quotes[int(self._is_quoted) :: 2]
        closing = quotes[1 - int(self._is_quoted) :: 2]
        followed = closing[closing + 1 < len(codes)]
        wrong = np.concatenate(
            [
                opening[~np.isin(codes[opening - 1], self._before_quote)],
                followed[~np.isin(codes[followed + 1], self._after_quote)],
            ]
        )
        self._is_quoted ^= bool(len(quotes) % 2)
        self._last_quote = base + int(quotes[-1])
        return _stray_quote(base + int(wrong.min())) if len(wrong) else None

    def _check_breaks(
        self, codes: Codes, line_feeds: Positions, returns: Positions, base: int
    ) -> Defect | None:
        """All line breaks are LF, or all are CRLF."""
        returns = returns[returns + 1 < len(codes)]
        lone = returns[codes[returns + 1] != _LF]
        if len(lone):
            problem = "a carriage return without a line feed"
            return Defect(base + int(lone[0]), problem, _ONE_KIND)
        if not len(line_feeds):
            return None
        is_crlf = codes[line_feeds - 1] == _CR
        if self._is_crlf is None:
            self._is_crlf = bool(is_crlf[0])
        other = line_feeds[is_crlf != self._is_crlf]
        if len(other):
            problem = "a line break of another kind than the first one"
            return Defect(base + int(other[0]), problem, _ONE_KIND)
        return None

    def _end_lines(self, codes: Codes, line_feeds: Positions, base: int) -> Defect | None:
        if not len(line_feeds):
            return self._check_length(base + len(codes) - self._line_start, self._line_start)
        ends = line_feeds + base
        starts = np.concatenate([[self._line_start], ends[:-1] + 1])
        lengths = ends - starts - int(bool(self._is_crlf))
        empty = np.flatnonzero(lengths == 0)
        if len(empty) and self.first_empty_line < 0:
            self.first_empty_line = int(starts[empty[0]])
        self.empty_lines += len(empty)
        self.lines += len(lengths) - len(empty)
        self._line_start = int(ends[-1]) + 1
        longest = int(lengths.argmax())
        return self._check_length(int(lengths[longest]), int(starts[longest]))

    def _check_length(self, length: int, start: int) -> Defect | None:
        if length <= MAX_ROW_BYTES:
            return None
        problem = f"a row longer than {MAX_ROW_BYTES:,} bytes"
        remedy = "split the row's long text in the source; a quote left open also looks like this"
        return Defect(start, problem, remedy)


def _find(codes: Codes, code: int, window: bytes, first: int = 1) -> Positions:
    """Find a byte from the given position on; position 0 is the byte before the chunk."""
    if code not in window:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(codes[first:] == code) + first


def _outside(positions: Positions, quotes: Positions, was_quoted: bool) -> Positions:
    """Keep the positions that no quotes enclose."""
    if not len(quotes):
        return positions[:0] if was_quoted else positions
    quotes_before = np.searchsorted(quotes, positions) + int(was_quoted)
    return cast(Positions, positions[quotes_before % 2 == 0])


def _stray_quote(offset: int) -> Defect:
    return Defect(
        offset,
        "a quote that neither encloses a whole field nor is doubled inside one",
        'enclose the field in quotes and double each quote inside it ("" for ")',
    )
