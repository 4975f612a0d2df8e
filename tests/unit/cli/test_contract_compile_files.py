"""`assay contracts compile` refuses own suites that nothing reads, and clears what is left over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assay.cli.main import run

GOLD = """apiVersion: v3.1.0
kind: DataContract
id: shop.agg_city
version: 1.0.0
status: active
schema:
  - name: agg_city
    properties:
      - {name: city, logicalType: string}
    customProperties:
      - {property: layer, value: gold}
"""
LANDED = """apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.0.0
status: active
servers:
  - {server: files, type: local, format: csv, path: shop/orders/*.csv}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer}
    customProperties:
      - {property: deliveryMode, value: append}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    contracts = tmp_path / "contracts" / "shop"
    contracts.mkdir(parents=True)
    (tmp_path / "dbt_project").mkdir()
    (contracts / "agg_city.odcs.yaml").write_text(GOLD, encoding="utf-8")
    (contracts / "orders.odcs.yaml").write_text(LANDED, encoding="utf-8")
    monkeypatch.setenv("ASSAY_PROJECT", str(tmp_path))
    return tmp_path


def compile_all(*arguments: str) -> Result:
    return CliRunner().invoke(run, ["contracts", "compile", *arguments])


def write_own(project: Path, name: str, product: str = "shop") -> Path:
    path = project / "expectations" / product / f"{name}.own.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"name": "{name}.own", "expectations": []}}', encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["agg_city", "shop__orders", "bronze_shop__orders"])
def test_an_own_suite_of_a_table_is_left_alone(project: Path, name: str) -> None:
    write_own(project, name)
    assert compile_all().exit_code == 0
    assert compile_all("--check").exit_code == 0


@pytest.mark.parametrize(
    ("name", "near"),
    [("agg_citty", "did you mean agg_city?"), ("orders", "did you mean shop__orders")],
    ids=["typo", "without the product"],
)
@pytest.mark.parametrize("is_compiled", [False, True], ids=["not compiled", "compiled"])
def test_an_own_suite_of_no_table_is_refused(
    project: Path, name: str, near: str, is_compiled: bool
) -> None:
    if is_compiled:
        assert compile_all().exit_code == 0
    own = write_own(project, name)
    for arguments in ((), ("--check",)):
        refused = compile_all(*arguments)
        assert refused.exit_code == 1
        assert f"{name}.own.json belongs to no table of shop" in refused.output
        assert str(own) in refused.output
        assert near in refused.output
    assert (project / "expectations" / "shop" / "agg_city.json").exists() is is_compiled


def test_an_own_suite_goes_with_its_table(project: Path) -> None:
    write_own(project, "agg_city")
    assert compile_all().exit_code == 0
    (project / "contracts" / "shop" / "agg_city.odcs.yaml").unlink()
    refused = compile_all()
    assert refused.exit_code == 1
    assert "agg_city.own.json belongs to no table of shop" in refused.output


def test_an_own_suite_beside_a_suite_by_hand_is_left_alone(project: Path) -> None:
    suite = write_own(project, "fct_hand").with_name("fct_hand.json")
    suite.write_text('{"name": "fct_hand", "expectations": []}', encoding="utf-8")
    assert compile_all().exit_code == 0


def files(project: Path) -> dict[str, str]:
    found = [path for path in project.rglob("*") if path.is_file()]
    return {path.relative_to(project).as_posix(): path.read_text("utf-8") for path in found}


@pytest.mark.parametrize("arguments", [(), ("shop",)], ids=["all products", "by name"])
def test_what_was_compiled_of_a_removed_product_is_removed(
    project: Path, arguments: tuple[str, ...]
) -> None:
    by_hand = {
        "dbt_project/models/silver/shop/stg_shop__orders.sql": "select 1",
        "docs/contracts/shop/notes.md": "# Notes",
    }
    for name, text in by_hand.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert compile_all().exit_code == 0
    shutil.rmtree(project / "contracts" / "shop")
    before = files(project)
    assert len(before) > len(by_hand)

    refused = compile_all(*arguments, "--check")
    assert refused.exit_code == 1
    told = [line.split()[-1] for line in refused.output.splitlines() if "would remove" in line]
    assert sorted(told) == sorted({*before} - {*by_hand})
    assert files(project) == before

    assert compile_all(*arguments).exit_code == 0
    assert files(project) == by_hand
    assert compile_all("--check").exit_code == 0


def test_an_own_suite_of_no_product_is_refused(project: Path) -> None:
    write_own(project, "agg_city", product="shopp")
    refused = compile_all("--check")
    assert refused.exit_code == 1
    assert "agg_city.own.json belongs to no table of shopp" in refused.output
