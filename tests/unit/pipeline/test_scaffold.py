"""What a CSV file suggests, and that a scaffold is written whole or not at all."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from assay.config import Settings, read_settings
from assay.contracts import read_contracts
from assay.domain import DeliveryMode
from assay.errors import SettingsError, SourceError
from assay.pipeline import scaffold
from assay.pipeline.scaffold import find_personal, scaffold_product
from assay.pipeline.scaffold_guess import ColumnDraft, guess_table, make_identifier

sys.path.append(str(Path(__file__).resolve().parents[2]))
from project_copy import ROOT, copy_project


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"ASSAY_PROJECT": str(copy_project(tmp_path / "project"))})


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("cells", "logical", "physical"),
    [
        (["1", "-20", "0"], "integer", ""),
        (["01234", "99999"], "string", ""),
        (["1.5", "2", "-0.25", "1e-3"], "number", ""),
        (["1.5", "2,5"], "string", ""),
        (["true", "FALSE"], "boolean", ""),
        (["2024-02-29", "2023-01-31"], "date", ""),
        (["2024-02-30", "2023-01-31"], "string", ""),
        (["31.01.2024"], "string", ""),
        (["2024-01-01T10:00:00Z", "2024-01-01 10:00:00+01:00"], "timestamp", ""),
        (["2024-01-01 10:00:00", "2024-01-02T00:00"], "timestamp", "timestamp"),
        (["2024-01-01T10:00:00Z", "2024-01-01 10:00:00"], "string", ""),
        (["12345678901234567890"], "string", ""),
        (["", ""], "string", ""),
        (["x", "1"], "string", ""),
    ],
)
def test_a_type_is_guessed_only_where_every_row_has_it(
    tmp_path: Path, cells: list[str], logical: str, physical: str
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("".join(f"{line}\n" for line in ["a;other", *(f"{c};x" for c in cells)]))
    column = guess_table("t", file).columns[0]
    assert (column.logical_type, column.physical_type) == (logical, physical)


def test_a_table_is_guessed_whole(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text("Order No.;price;note\nA1;1.5;NA\nA2;NA;-\nA3;;x\n")
    draft = guess_table("sales", file)
    assert draft.columns == (
        ColumnDraft("order_no", "Order No.", "string", may_be_key=True),
        ColumnDraft("price", "price", "number"),
        ColumnDraft("note", "note", "string", may_be_key=True),
    )
    assert (draft.null_texts, draft.delimiter, draft.sample_rows) == (("", "NA"), ";", 3)


def test_a_text_may_be_as_long_as_a_delivery_takes(tmp_path: Path) -> None:
    file = tmp_path / "shapes.csv"
    file.write_text(f"id,shape\n1,{'x' * 1_000_000}\n")
    assert guess_table("shapes", file).sample_rows == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"a,,b\n1,2,3\n", "does not name every column"),
        (b"a,A\n1,2\n", "names a column twice, 'A'"),
        (b"\x00\x01", "holds control characters"),
        (b"PK\x03\x04\n1\n", "holds control characters"),
        (b"\xff\xfea\n", "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        guess_table("t", file)


@pytest.mark.parametrize(
    ("content", "what", "todo"),
    [
        (
            b"a;b\n1;2\n3\n",
            "data row 2 (line 3) has 1 field, too few: the header has 2",
            "correct that row: a text that holds ';' stands in double quotes",
        ),
        (
            b'a,b\n1,"2\n"\n3,4,5\n',
            "data row 2 has 3 fields, too many: the header has 2",
            "correct that row: a text that holds ',' stands in double quotes",
        ),
        (
            b'a,b\n1,2\n"x" ,2\n',
            "line 3 has a quote that neither encloses a whole field nor is doubled inside one",
            'enclose the field in quotes and double each quote inside it ("" for ")',
        ),
        (
            b'a,b\n1,"x\n',
            "line 2 has a quote that is never closed",
            "the file may be truncated: deliver it whole, or close the quote",
        ),
    ],
)
def test_a_file_that_landing_would_refuse_is_refused_as_there(
    tmp_path: Path, content: bytes, what: str, todo: str
) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    limit = csv.field_size_limit()
    with pytest.raises(SourceError) as refused:
        guess_table("t", file)
    assert refused.value.what == f"t.csv cannot be read as CSV: {what}"
    assert refused.value.todo == todo
    assert csv.field_size_limit() == limit


def test_a_last_line_without_its_line_break_is_a_row(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(b"a,b\n1,2\n3,4")
    assert guess_table("t", file).sample_rows == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Order No.", "order_no"),
        ("customerID", "customer_id"),
        ("2nd", "c_2nd"),
        ("日本", "c"),
        ("Größe", "grosse"),
    ],
)
def test_names_become_identifiers(text: str, name: str) -> None:
    assert make_identifier(text) == name


def test_the_project_s_own_policies_say_what_looks_personal() -> None:
    columns = [ColumnDraft(name, name, "string") for name in ("e_mail", "amount", "birth_year")]
    assert find_personal(ROOT / "policies", columns) == {"e_mail", "birth_year"}


def test_contracts_of_a_scaffold_say_what_was_guessed(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id|E-mail|score\n1|a@x.org|NA\n2|b@x.org|3\n")
    made = scaffold_product(settings, "club", {"people": file, "visits": None}, owner="the club")
    assert made.gold == "fct_people"
    contracts = {c.table: c for c in read_contracts(settings.contracts_path, "club")}
    assert set(contracts) == {"people", "visits", "fct_people"}
    people = contracts["people"]
    assert (people.mode, people.key, people.owner) == (DeliveryMode.APPEND, (), "the club")
    assert (people.null_texts, people.servers[0].delimiter) == (("", "NA"), "|")
    assert [(c.name, c.physical_name, c.data_type, c.personal_data) for c in people.columns] == [
        ("id", "id", "bigint", False),
        ("e_mail", "E-mail", "varchar", True),
        ("score", "score", "bigint", False),
    ]
    assert [c.personal_data for c in contracts["fct_people"].columns] == [False, True, False]


def test_names_that_yaml_takes_for_other_values_stay_names(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "on.csv"
    file.write_text("No,TRUE?,null,Y\n1,2,3,4\n")
    scaffold_product(settings, "yes", {"on": file}, owner="us")
    landed = next(c for c in read_contracts(settings.contracts_path, "yes") if c.table == "on")
    assert (landed.product, [column.name for column in landed.columns]) == (
        "yes",
        ["no", "true", "null", "y"],
    )


def test_gold_names_stay_unique_in_a_project(settings: Settings) -> None:
    assert scaffold_product(settings, "a", {"x": None}, owner="o").gold == "fct_x"
    assert scaffold_product(settings, "b", {"x": None}, owner="o").gold == "fct_b_x"


@pytest.mark.parametrize(
    ("product", "table"),
    [
        ("Shop", "a"),
        ("shop__x", "a"),
        ("show", "a"),
        ("shop", "a-b"),
        ("shop", "../a"),
        ("", "a"),
        ("shop\n", "a"),
        ("shop", "a" * 64),
    ],
)
def test_a_name_that_cannot_be_is_refused(settings: Settings, product: str, table: str) -> None:
    before = files_of(settings.project_root)
    with pytest.raises(SettingsError, match="cannot name a"):
        scaffold_product(settings, product, {table: None}, owner="o")
    assert files_of(settings.project_root) == before


def test_nothing_is_overwritten(settings: Settings) -> None:
    dag = settings.project_root / "dags" / "shop.py"
    dag.write_text("mine")
    with pytest.raises(SettingsError, match="there is a product 'shop' already"):
        scaffold_product(settings, "shop", {}, owner="o")
    assert dag.read_text() == "mine"


def test_a_scaffold_that_fails_leaves_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(product: str) -> str:
        raise OSError("disk full")

    before = files_of(settings.project_root)
    monkeypatch.setattr(scaffold, "dag_text", fail)
    with pytest.raises(OSError, match="disk full"):
        scaffold_product(settings, "shop", {}, owner="o")
    assert files_of(settings.project_root) == before
