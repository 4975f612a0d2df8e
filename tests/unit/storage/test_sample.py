"""A sample of a table: some of its rows, the same each time, from all its heights."""

from __future__ import annotations

from itertools import pairwise

import pytest
from delta_tables import Tables

from assay.storage import WriteMode, scan_sample

ROWS = 600_000


def sampled(tables: Tables, version: int, one_in: int) -> list[int]:
    relation = scan_sample(tables.path(), version, one_in)
    found = tables.connection.execute(f"select n from {relation} order by n").fetchall()
    return [n for (n,) in found]


def test_a_sample_is_the_same_rows_each_time(tables: Tables) -> None:
    tables.write(f"select range as n, 'x' as other from range({ROWS})")
    first = sampled(tables, 0, 10)
    assert len(first) == pytest.approx(ROWS / 10, abs=2 * 2048)
    assert sampled(tables, 0, 10) == first
    assert len(set(first)) == len(first)


def test_a_sorted_column_is_met_at_all_its_heights(tables: Tables) -> None:
    tables.write(f"select range as n from range({ROWS})")
    found = sampled(tables, 0, 10)
    gaps = [after - before for before, after in pairwise(found)]
    assert max(gaps) <= 2 * 10 * 2048
    assert found[0] < 10 * 2048
    assert found[-1] >= ROWS - 2 * 10 * 2048


def test_what_recurs_is_not_met_at_one_place_only(tables: Tables) -> None:
    period = 10 * 2048
    tables.write(f"select range % {period} as n from range({60 * period})")
    assert len({n // 2048 for n in sampled(tables, 0, 10)}) > 1


def test_of_many_small_files_no_larger_share_is_taken(tables: Tables) -> None:
    tables.write("select range as n from range(100)")
    for version in range(30):
        tables.write("select range as n from range(100)", WriteMode.APPEND, version)
    found = sampled(tables, 30, 3)
    assert 0 < len(found) < 31 * 100
    assert len(found) % 100 == 0


def test_a_sample_of_one_in_one_is_the_table(tables: Tables) -> None:
    tables.write("select range as n from range(5000)")
    assert sampled(tables, 0, 1) == list(range(5000))


@pytest.mark.parametrize("name", ["filename", "file_row_number", "File_Row_Number"])
def test_a_table_with_a_column_of_the_readers_own_names_is_read_whole(
    tables: Tables, name: str
) -> None:
    tables.write(f"select range as n, range || '.csv' as \"{name}\" from range(10000)")
    assert sampled(tables, 0, 5) == list(range(10000))
