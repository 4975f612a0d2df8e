"""The report of the benchmarks: a section is replaced in its place, the others stay."""

from __future__ import annotations

from pathlib import Path

from benchmarks.results import read_sections, replace_section


def test_sections_stand_in_order_and_are_replaced_alone(tmp_path: Path) -> None:
    report = tmp_path / "RESULTS.md"
    replace_section(report, "merges", ["## Merges", "", "| a | b |"])
    replace_section(report, "flights-10000000", ["## Ten million"])
    replace_section(report, "flights-336776", ["## A year"])
    replace_section(report, "flights-10000000", ["## Ten million, again", ""])
    expected = {
        "flights-336776": "## A year",
        "flights-10000000": "## Ten million, again",
        "merges": "## Merges\n\n| a | b |",
    }
    assert read_sections(report) == expected
    assert list(read_sections(report)) == list(expected)
    assert report.read_text().startswith("# Results\n")
