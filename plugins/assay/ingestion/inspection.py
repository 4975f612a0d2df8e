"""Can a landed file be read whole, and does it have the columns of its contract?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.domain import Contract, LoadStatus, Server
from assay.ingestion.drift import (
    compare_columns,
    compare_types,
    describe_unread,
    find_alike,
    name_columns,
    quote_names,
)
from assay.ingestion.landed_file import LandedFile, line_number
from assay.ingestion.row_count import count_rows, read_header

_AGAIN = "deliver the file again"
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Inspection:
    """What inspection found. Reasons and warnings name places and counts, never values.

    ``drift`` says by column how the delivery differs from the contract.
    """

    status: LoadStatus
    row_count: int = 0
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""
    drift: Mapping[str, str] = field(default_factory=dict)


class _Refusal(Exception):
    """Ends an inspection; the file's name is added to it."""


def inspect(
    file: LandedFile, name: str, contract: Contract, server: Server, *, is_replay: bool = False
) -> Inspection:
    """Inspect landed bytes; ``name`` is what the source calls the file.

    A replay holds rows that were quarantined: that none has a value of the right type says
    nothing of the producer, and each row is judged again by itself.

    Never raises for what a file holds: it is refused, with the reason.
    """
    columns: tuple[str, ...] = ()
    drift: dict[str, str] = {}
    try:
        _check_bytes(file)
        columns = _header(file, server.delimiter)
        _check_delimiter(columns, contract, server.delimiter)
        drift |= compare_columns(columns, contract)
        _check_columns(columns, contract)
        rows = _count(file, columns, server.delimiter)
        if rows and not is_replay:
            drift |= (unreadable := compare_types(file, contract, server.delimiter))
            _check_types(unreadable, contract)
    except _Refusal as refusal:
        return Inspection(
            LoadStatus.REFUSED, columns=columns, reason=f"{name}: {refusal}", drift=drift
        )
    warnings = tuple(f"{name}: {each}" for each in _warnings(columns, contract, file, rows))
    return Inspection(LoadStatus.LANDED, rows, columns, warnings, drift=drift)


def _check_bytes(file: LandedFile) -> None:
    if file.size_bytes == 0:
        raise _Refusal(f"is empty (0 bytes): expected a header; {_AGAIN}")
    if file.defect is not None:
        line = line_number(file.path, file.defect.offset)
        raise _Refusal(
            f"has {file.defect.problem}, in line {line} (byte {file.defect.offset:,});"
            f" what to do: {file.defect.remedy}"
        )
    if file.lines.starts_with_empty_line:
        raise _Refusal(f"starts with an empty line: expected the header in line 1; {_AGAIN}")
    if file.lines.lines == 0:
        raise _Refusal(f"holds a byte order mark and nothing else: expected a header; {_AGAIN}")


def _header(file: LandedFile, delimiter: str) -> tuple[str, ...]:
    try:
        columns = read_header(file.path, delimiter)
    except ValueError as error:
        raise _Refusal(f"line 1: {error}; {_AGAIN}") from error
    for position, column in enumerate(columns, start=1):
        if not column.strip():
            raise _Refusal(f"line 1: column {position} has no name; name it or leave it out")
    folded = [column.casefold() for column in columns]
    twice = dict.fromkeys(c for n, c in enumerate(columns) if c.casefold() in folded[:n])
    if twice:
        verb = "appear" if len(twice) > 1 else "appears"
        raise _Refusal(
            f"line 1: {name_columns(twice)} {verb} more than once (letter case does not tell"
            " columns apart); name each column once"
        )
    if len(columns) == 1 and file.lines.empty_lines:
        line = line_number(file.path, file.lines.first_empty_line)
        raise _Refusal(
            f"line {line} is empty, and the table has one column: that is no row to some readers"
            ' and an absent value to others; write "" for an absent value'
        )
    return columns


def _check_delimiter(columns: Sequence[str], contract: Contract, delimiter: str) -> None:
    """Refuse a header of one field that something else parts, by its cause."""
    if len(columns) > 1 or columns[0] in [each.physical_name for each in contract.columns]:
        return
    other = next((each for each in _DELIMITERS if each != delimiter and each in columns[0]), "")
    if other:
        raise _Refusal(
            f"line 1: {other!r} parts the fields, expected {delimiter!r}; deliver it so, or name"
            f" the server's custom property delimiter in {contract.path}"
        )


def _check_columns(columns: Sequence[str], contract: Contract) -> None:
    expected = [column.physical_name for column in contract.columns]
    missing = [name for name in expected if name not in columns]
    if not missing:
        return
    found = find_alike(columns, contract)
    alike = [other for name, other in found.items() if _is_same_word(name, other)]
    placed = [f"'{o}' in place of '{n}'" for n, o in found.items() if not _is_same_word(n, o)]
    hint = f" (it has {quote_names(alike)}: case and spaces count)" if alike else ""
    hint += f" (it has {', '.join(placed)}: renamed?)" if placed else ""
    are, them = ("are", "them") if len(missing) > 1 else ("is", "it")
    raise _Refusal(
        f"line 1: {name_columns(missing)} {are} missing{hint}; deliver {them}, or change the"
        f" contract {contract.path} in a new major version"
    )


def _is_same_word(one: str, other: str) -> bool:
    return one.casefold() == other.strip().casefold()


def _check_types(unreadable: Mapping[str, str], contract: Contract) -> None:
    if not unreadable:
        return
    hold, types, them = ("hold", "their types", "them")
    if len(unreadable) == 1:
        hold, types, them = ("holds", "its type", "it")
    raise _Refusal(
        f"{name_columns(unreadable)} {hold} nothing that can be read as {types}; deliver {them} as"
        f" before, or change the contract {contract.path} in a new major version"
    )


def _count(file: LandedFile, columns: tuple[str, ...], delimiter: str) -> int:
    expected = file.lines.lines - 1
    if expected == 0:
        return 0
    counted = count_rows(file.path, columns, delimiter, has_quotes=file.lines.has_quotes)
    if counted.problem:
        problem = counted.describe_problem(file.lines)
        raise _Refusal(f"{problem}; correct it, or deliver the whole file again")
    if counted.rows != expected:
        raise _Refusal(
            f"has {expected} rows by its line breaks and {counted.rows} by its fields; check its"
            f" quotes and line breaks, and {_AGAIN}"
        )
    return counted.rows


def _warnings(columns: Sequence[str], contract: Contract, file: LandedFile, rows: int) -> list[str]:
    expected = [column.physical_name for column in contract.columns]
    extra = [column for column in columns if column not in expected]
    warnings = []
    if rows == 0:
        warnings.append("has a header and no rows")
    if extra:
        warnings.append(describe_unread(extra, contract))
    if [column for column in columns if column in expected] != expected:
        warnings.append("columns are in another order than in the contract; read by name")
    if file.lines.empty_lines:
        line = line_number(file.path, file.lines.first_empty_line)
        warnings.append(
            f"empty lines ({file.lines.empty_lines}, the first is line {line}) are no rows"
        )
    return warnings
