"""Mended files: what is written is read back, and what is wrong is told by line and column."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.domain import RowPlace
from assay.errors import QuarantineError
from assay.quality.mended_file import check_columns, read_rows, write_rows

LOAD = "shop-000001-abcdef01"
HEADER = "_load_id,_row_number,k,v\n"


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(QuarantineError) as raised:
        check_columns(path, read_rows(path)[0], ("k", "v"))
    assert raised.value.where == str(path)
    return str(raised.value.what)


texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"))


@given(rows=st.lists(st.fixed_dictionaries({"k": texts, "v": texts}), min_size=1, max_size=5))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("written") / "rows.csv"
    places = [RowPlace(LOAD, number) for number in range(1, len(rows) + 1)]
    write_rows(
        path,
        ("k", "v"),
        [(place, row, "open", ("a", "b")) for place, row in zip(places, rows, strict=True)],
    )
    header, found = read_rows(path)
    assert header == ("_load_id", "_row_number", "k", "v", "_state", "_rules_broken")
    assert [(row.place, row.values) for row in found] == list(zip(places, rows, strict=True))


def test_a_spreadsheets_habits_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(
        b"\xef\xbb\xbfk,_row_number,_load_id,v\r\n"
        b'a,2,shop-000001-abcdef01,"two\r\nlines"\r\n\r\nb,3,shop-000001-abcdef01,\r\n'
    )
    _, rows = read_rows(path)
    assert [(row.line, row.place.row_number, row.values) for row in rows] == [
        (2, 2, {"k": "a", "v": "two\r\nlines"}),
        (5, 3, {"k": "b", "v": ""}),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("", "line 1, column '_load_id': is missing", id="empty"),
        pytest.param("k,v\n", "line 1, column '_row_number': is missing", id="no_key"),
        pytest.param(HEADER, "a header and no rows", id="no_rows"),
        pytest.param(
            f"_load_id,_row_number,k\n{LOAD},1,a\n", "column 'v': is missing", id="no_column"
        ),
        pytest.param(
            f"_load_id,_row_number,k,v,w\n{LOAD},1,a,b,c\n",
            "column 'w': is no column of the table",
            id="unknown_column",
        ),
        pytest.param(
            f"_load_id,_row_number,k,k\n{LOAD},1,a,b\n", "'k': stands more than once", id="twice"
        ),
        pytest.param(f"{HEADER}{LOAD},1,a\n", "line 2: has 3 fields", id="too_few_fields"),
        pytest.param(
            f"{HEADER}{LOAD},1,a,b\n{LOAD},one,a,b\n",
            "line 3, column '_row_number': is no row number",
            id="no_number",
        ),
        pytest.param(f"{HEADER}{LOAD},0,a,b\n", "is no row number", id="number_zero"),
        pytest.param(f"{HEADER}{LOAD},{'9' * 5000},a,b\n", "is no row number", id="huge_number"),
        pytest.param(
            f"{HEADER}{LOAD},1,a,b\n{LOAD},2,a,b\n{LOAD},1,c,d\n",
            f"line 4, column '_row_number': row 1 of load {LOAD} stands in line 2 already",
            id="repeated_row",
        ),
        pytest.param(f'{HEADER}{LOAD},1,"a,b\n', "line 2: cannot be read as CSV", id="open_quote"),
        pytest.param(
            f"{HEADER}{LOAD},1,a,".encode() + b"\xe9\n", "line 2 has bytes that are not", id="latin"
        ),
        pytest.param((HEADER + "x\n").encode("utf-16"), "not UTF-8", id="utf16"),
        pytest.param(f"{HEADER}{LOAD},1,a,\0\n", "line 2 has a NUL character", id="nul"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    assert told in refusal(tmp_path / "rows.csv", content)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    lines = "".join(f"{LOAD},x,a,b\n" for _ in range(12))
    found = refusal(tmp_path / "rows.csv", HEADER + lines).splitlines()
    assert [line.strip()[:7] for line in found[1:4]] == ["line 2,", "line 3,", "line 4,"]
    assert found[-1].strip() == "and 2 more"


def test_a_file_with_semicolons_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"_load_id;_row_number;k;v\n{LOAD};1;a;b\n")
    with pytest.raises(QuarantineError, match="save it with commas"):
        read_rows(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(QuarantineError, match="cannot be read: No such file") as refused:
        read_rows(tmp_path / "none.csv")
    assert refused.value.todo == "name a file that `assay quarantine export` wrote"
    with pytest.raises(QuarantineError, match="cannot be written: No such file"):
        write_rows(tmp_path / "none" / "rows.csv", ("k",), [])


def test_a_file_that_is_there_keeps_what_was_mended_in_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("mended")
    with pytest.raises(QuarantineError, match="is there already") as refused:
        write_rows(path, ("k",), [])
    assert refused.value.where == str(path)
    assert path.read_text() == "mended"


Written = tuple[RowPlace, dict[str, str], str, tuple[str, ...]]


def rows_until(error: BaseException) -> Iterator[Written]:
    yield RowPlace(LOAD, 1), {"k": "a"}, "open", ("b",)
    raise error


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        pytest.param(OSError(28, "No space left"), QuarantineError, id="disk"),
        pytest.param(KeyboardInterrupt(), KeyboardInterrupt, id="person"),
    ],
)
def test_a_file_that_was_not_written_whole_is_not_left(
    tmp_path: Path, error: BaseException, raised: type[BaseException]
) -> None:
    path = tmp_path / "rows.csv"
    with pytest.raises(raised):
        write_rows(path, ("k",), rows_until(error))
    write_rows(path, ("k",), [])
    assert path.read_text() == '"_load_id","_row_number","k","_state","_rules_broken"\n'


def test_what_is_no_file_is_written_to_and_never_removed() -> None:
    reading, writing = os.pipe()
    path = Path(f"/dev/fd/{writing}")
    write_rows(path, ("k",), [])
    with pytest.raises(QuarantineError, match="cannot be written: No space left"):
        write_rows(path, ("k",), rows_until(OSError(28, "No space left")))
    assert path.exists()
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.readline() == '"_load_id","_row_number","k","_state","_rules_broken"\n'
