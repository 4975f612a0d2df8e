"""What each kind of bad delivery comes to, and the words for it."""

from __future__ import annotations

import pytest
from landing_harness import Landing, make_contract

from assay.domain import LoadStatus

FILE = "files/drop/orders.csv"
AS_TRUNCATED = (
    "what to do: deliver the whole file; where its producer never ends the last line, say"
    " `finalLineBreak: optional` in the contract's customProperties"
)
STRAY = (
    "has a quote that neither encloses a whole field nor is doubled inside one, in line 2"
    ' (byte {}); what to do: enclose the field in quotes and double each quote inside it ("" for ")'
)
ONE_KIND = "what to do: end every line with the same line break, LF or CRLF"
FIELDS = "the header has 2; correct it, or deliver the whole file again"
NOT_UTF8 = "what to do: have the producer write UTF-8, or convert the file, and deliver it again"

REFUSED = {
    "empty file": (b"", "is empty (0 bytes): expected a header; deliver the file again"),
    "only a byte order mark": (
        b"\xef\xbb\xbf",
        "holds a byte order mark and nothing else: expected a header; deliver the file again",
    ),
    "only line breaks": (
        b"\n\n",
        "starts with an empty line: expected the header in line 1; deliver the file again",
    ),
    "empty line before the header": (
        b"\na,b\n1,2\n",
        "starts with an empty line: expected the header in line 1; deliver the file again",
    ),
    "truncated in a row": (
        b"a,b\n1,2\n3",
        f"has no line break after the last line, as in a truncated file, in line 3 (byte 9);"
        f" {AS_TRUNCATED}",
    ),
    "truncated in the header": (
        b"a,b",
        f"has no line break after the last line, as in a truncated file, in line 1 (byte 3);"
        f" {AS_TRUNCATED}",
    ),
    "truncated inside quotes": (
        b'a,b\n1,"2\n3,4\n',
        "has a quote that is never closed, in line 2 (byte 6); what to do: the file may be"
        " truncated: deliver it whole, or close the quote",
    ),
    "truncated inside a character": (
        b"a,b\n1,\xc3",
        f"has bytes that are not UTF-8, in line 2 (byte 6); {NOT_UTF8}",
    ),
    "Latin-1": (
        b"a,b\n1,2\n3,caf\xe9\n",
        f"has bytes that are not UTF-8, in line 3 (byte 13); {NOT_UTF8}",
    ),
    "UTF-16": (
        "a,b\n1,2\n".encode("utf-16-le"),
        "has a NUL byte, in line 1 (byte 1); what to do: deliver it as UTF-8 text (UTF-16 and"
        " binary files hold such bytes)",
    ),
    "too few fields": (
        b"a,b\n1,2\n3\n",
        f"data row 2 (line 3) has 1 field, too few: {FIELDS}",
    ),
    "too many fields": (
        b"a,b\n1,2\n3,4,5\n",
        f"data row 2 (line 3) has 3 fields, too many: {FIELDS}",
    ),
    "delimiter after the last field": (
        b"a,b\n1,2,\n",
        f"data row 1 (line 2) has 3 fields, too many: {FIELDS}",
    ),
    "too few fields after a quoted line break": (
        b'a,b\n1,"2\n2"\n3\n',
        f"data row 2 has 1 field, too few: {FIELDS}",
    ),
    "row of spaces": (
        b"a,b\n1,2\n  \n",
        f"data row 2 (line 3) has 1 field, too few: {FIELDS}",
    ),
    "quote inside a field": (b'a,b\n1,2"3\n', STRAY.format(7)),
    "text after a quoted field": (b'a,b\n1,"2"x\n', STRAY.format(8)),
    "space before a quoted field": (b'a,b\n1, "2"\n', STRAY.format(7)),
    "quote escaped by a backslash": (b'a,b\n1,"2\\"3"\n', STRAY.format(9)),
    "line breaks of lone CR": (
        b"a,b\r1,2\r",
        f"has a carriage return without a line feed, in line 1 (byte 3); {ONE_KIND}",
    ),
    "CR in an unquoted field": (
        b"a,b\n1,2\r3\n",
        f"has a carriage return without a line feed, in line 2 (byte 7); {ONE_KIND}",
    ),
    "CR at the end": (
        b"a,b\n1,2\n3,4\r",
        f"has a carriage return without a line feed, in line 3 (byte 11); {ONE_KIND}",
    ),
    "mixed line breaks": (
        b"a,b\r\n1,2\n",
        f"has a line break of another kind than the first one, in line 2 (byte 8); {ONE_KIND}",
    ),
    "row beyond the longest": (
        b"a,b\n1," + b"x" * 2_000_000 + b"\n",
        "has a row longer than 1,900,000 bytes, in line 2 (byte 4); what to do: split the row's"
        " long text in the source; a quote left open also looks like this",
    ),
    "missing column": (
        b"a,c\n1,2\n",
        "line 1: column 'b' is missing (it has 'c' in place of 'b': renamed?); deliver it, or"
        " change the contract contracts/shop/orders.odcs.yaml in a new major version",
    ),
    "column in other letters": (
        b"a,B \n1,2\n",
        "line 1: column 'b' is missing (it has 'B ': case and spaces count); deliver it, or change"
        " the contract contracts/shop/orders.odcs.yaml in a new major version",
    ),
    "other delimiter": (
        b"a;b\n1;2\n",
        "line 1: ';' parts the fields, expected ','; deliver it so, or name the server's custom"
        " property delimiter in contracts/shop/orders.odcs.yaml",
    ),
    "several missing columns": (
        b"c d\n1\n",
        "line 1: columns 'a', 'b' are missing; deliver them, or change the contract"
        " contracts/shop/orders.odcs.yaml in a new major version",
    ),
    "column twice": (
        b"a,b,a\n1,2,3\n",
        "line 1: column 'a' appears more than once (letter case does not tell columns apart);"
        " name each column once",
    ),
    "columns twice": (
        b"a,b,a,A,a,B\n1,2,3,4,5,6\n",
        "line 1: columns 'a', 'A', 'B' appear more than once (letter case does not tell columns"
        " apart); name each column once",
    ),
    "column without a name": (
        b"a,,b\n1,2,3\n",
        "line 1: column 2 has no name; name it or leave it out",
    ),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_delivery_that_cannot_be_read_whole_is_refused(
    landing: Landing, data: bytes, reason: str
) -> None:
    load = landing.land_one(data)

    assert load.reason == f"{FILE}: {reason}"
    assert (load.status, load.row_count, load.warnings) == (LoadStatus.REFUSED, 0, ())
    assert landing.bytes_of(load) == data
    assert landing.land() == []


CONTRACT = "contracts/shop/orders.odcs.yaml"
LANDED = {
    "plain": (b"a,b\n1,2\n3,4\n", 2, ("a", "b"), ()),
    "CRLF": (b"a,b\r\n1,2\r\n3,4\r\n", 2, ("a", "b"), ()),
    "byte order mark": (b"\xef\xbb\xbfa,b\n1,2\n", 1, ("a", "b"), ()),
    "byte order mark and quotes": (b'\xef\xbb\xbf"a","b"\n1,2\n', 1, ("a", "b"), ()),
    "quoted line breaks": (b'a,b\n1,"2\n\n2\r\n2"\n3,4\n', 2, ("a", "b"), ()),
    "quoted quotes": (b'a,b\n"""",""""""\n"a""","""b"\n', 2, ("a", "b"), ()),
    "backslashes": (b'a,b\n\\,"\\"\n', 1, ("a", "b"), ()),
    "empty fields": (b'a,b\n,\n"",""\n', 2, ("a", "b"), ()),
    "header only": (b"a,b\n", 0, ("a", "b"), ("has a header and no rows",)),
    "extra column": (
        b"a,x,b\n1,2,3\n",
        1,
        ("a", "x", "b"),
        (f"column 'x' is not in the contract and is not read; add what is wanted to {CONTRACT}",),
    ),
    "extra columns": (
        b"a,x,b,y\n1,2,3,4\n",
        1,
        ("a", "x", "b", "y"),
        (
            "columns 'x', 'y' are not in the contract and are not read; add what is wanted to"
            f" {CONTRACT}",
        ),
    ),
    "other column order": (
        b"b,a\n1,2\n",
        1,
        ("b", "a"),
        ("columns are in another order than in the contract; read by name",),
    ),
    "empty lines": (
        b"a,b\n1,2\n\n3,4\n\n",
        2,
        ("a", "b"),
        ("empty lines (2, the first is line 3) are no rows",),
    ),
    "longest row": (b"a,b\n1," + b"x" * 1_899_998 + b"\n", 1, ("a", "b"), ()),
}


@pytest.mark.parametrize(
    ("data", "rows", "columns", "warnings"), LANDED.values(), ids=LANDED.keys()
)
def test_a_delivery_that_can_be_read_lands(
    landing: Landing, data: bytes, rows: int, columns: tuple[str, ...], warnings: tuple[str, ...]
) -> None:
    load = landing.land_one(data)

    assert (load.status, load.reason) == (LoadStatus.LANDED, "")
    assert (load.row_count, load.columns) == (rows, columns)
    assert load.warnings == tuple(f"{FILE}: {warning}" for warning in warnings)
    assert landing.bytes_of(load) == data


@pytest.mark.parametrize(("data", "rows"), [(b"a,b\n1,2\n3,4", 2), (b"a,b\r\n1,2", 1), (b"a,b", 0)])
def test_the_last_line_break_may_be_declared_optional(
    landing: Landing, data: bytes, rows: int
) -> None:
    load = landing.land_one(data, is_final_line_break_optional=True)

    assert (load.status, load.row_count) == (LoadStatus.LANDED, rows)


@pytest.mark.parametrize("data", [b"a\n1\n\n2\n", b"a\n1\n\n"])
def test_an_empty_line_of_a_one_column_table_is_refused(landing: Landing, data: bytes) -> None:
    landing.contract = make_contract("a")

    load = landing.land_one(data)

    assert load.reason == (
        f"{FILE}: line 3 is empty, and the table has one column: that is no row to some readers"
        ' and an absent value to others; write "" for an absent value'
    )


def test_a_one_column_table_lands(landing: Landing) -> None:
    landing.contract = make_contract("a")

    assert landing.land_one(b'a\n1\n""\n  \n').row_count == 3


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_server_names_the_delimiter(landing: Landing, delimiter: str) -> None:
    landing.contract = make_contract("a", "b", delimiter=delimiter)

    load = landing.land_one(f'a{delimiter}b\n1,0{delimiter}"x{delimiter}y"\n'.encode())

    assert (load.status, load.row_count, load.columns) == (LoadStatus.LANDED, 1, ("a", "b"))


def test_a_reason_never_quotes_a_row(landing: Landing) -> None:
    secret = b"4556-private"

    for data in (secret + b"\xe9", b'x"' + secret, secret + b",2,3\n", b'"' + secret):
        load = landing.land_one(b"a,b\n" + data)
        assert load.status is LoadStatus.REFUSED
        assert secret.decode() not in load.reason
