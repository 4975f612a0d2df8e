"""Models are read from a file where nothing that they depend on has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.domain import Severity
from assay.transform import DbtTest, Model
from assay.transform.known_models import KnownModels
from assay.transform.signature import sign_project

MODEL = Model(
    name="fct_orders",
    product="shop",
    folder="gold",
    layer="gold",
    table="orders",
    materialized="delta",
    fingerprint="0123456789abcdef",
    depends_on=("shop__orders",),
    inlines=("stg_orders",),
    landed=("shop__orders",),
    description="Orders.",
    columns=(("id", "bigint", "Their number."),),
    tests=(
        DbtTest(
            unique_id="test.assay.orders_are_cheap",
            name="orders_are_cheap",
            is_unit=False,
            column="price",
            severity=Severity.WARNING,
            description="Orders are cheap.",
            fingerprint="fedcba9876543210",
            reads=("fct_orders",),
            builds=("int_orders",),
        ),
    ),
)


def test_what_was_written_is_read_under_the_same_signature_only(tmp_path: Path) -> None:
    known = KnownModels(tmp_path / "target" / "models.json")
    assert known.read("one") is None
    known.write("one", {MODEL.name: MODEL})
    assert known.read("one") == {"fct_orders": MODEL}
    assert known.read("two") is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"signature": "one"}'])
def test_a_broken_file_costs_a_parse_and_no_more(tmp_path: Path, text: str) -> None:
    path = tmp_path / "models.json"
    path.write_text(text)
    assert KnownModels(path).read("one") is None


def test_a_folder_that_cannot_be_written_costs_a_parse_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("a file where the folder should be")
    known = KnownModels(tmp_path / "target" / "models.json")
    known.write("one", {MODEL.name: MODEL})
    assert known.read("one") is None


def test_the_signature_follows_contents_and_the_variables_that_are_read(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    model = tmp_path / "orders.sql"
    model.write_text("select {{ env_var('LIMIT') }}")
    first = sign_project(tmp_path, target, {"LIMIT": "1", "OTHER": "1"})
    model.touch()
    (target / "compiled.sql").write_text("select 1")
    assert sign_project(tmp_path, target, {"LIMIT": "1", "OTHER": "2"}) == first
    assert sign_project(tmp_path, target, {"LIMIT": "2"}) != first
    assert sign_project(tmp_path, target, {"LIMIT": "1", "DBT_TARGET": "spark"}) != first
    model.write_text("select {{ env_var('LIMIT') }} + 1")
    assert sign_project(tmp_path, target, {"LIMIT": "1"}) != first
