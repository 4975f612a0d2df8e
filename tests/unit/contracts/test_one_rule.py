"""One rule changed in a contract: everything that says it changes, and CI fails until it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from contract_files import ContractFolder, Document, column, custom, schema

from assay.cli.main import run

Change = Callable[[Document], None]

CHECKED = "dbt_project/models/silver/shop/compiled/int_shop__orders_checked.sql"
BROKEN = "dbt_project/models/silver/shop/compiled/int_shop__orders_broken.sql"
SILVER_YAML = "dbt_project/models/silver/shop/compiled/shop__orders.yml"
GOLD_YAML = "dbt_project/models/gold/shop/compiled/orders.yml"
SILVER_SUITE = "expectations/shop/shop__orders.json"
GOLD_SUITE = "expectations/shop/orders.json"
PAGE = "docs/contracts/shop/orders.md"
# What changes with a rule that sends rows to quarantine.
SPLITTING = {SILVER_SUITE, SILVER_YAML, CHECKED, BROKEN, PAGE}
RULE = {"type": "custom", "engine": "assay", "name": "cheap", "implementation": "price < 9"}


def _required(document: Document) -> None:
    column(document, "price")["required"] = True


def _unique(document: Document) -> None:
    column(document, "price")["unique"] = True


def _limit(document: Document) -> None:
    column(document, "price")["logicalTypeOptions"] = {"minimum": 1}


def _listed(document: Document) -> None:
    column(document, "status")["enum"] = [{"value": "open"}]


def _sql(document: Document) -> None:
    schema(document)["quality"] = [RULE]


def _warning(document: Document) -> None:
    schema(document)["quality"] = [RULE | {"severity": "warning"}]


def _row_count(document: Document) -> None:
    schema(document)["quality"] = [{"metric": "rowCount", "mustBeGreaterThan": 9, "name": "some"}]


def _figure(document: Document) -> None:
    query = "select max(price) from ${object}"
    schema(document)["quality"] = [{"type": "sql", "query": query, "mustBe": 3, "name": "top"}]


def _expectation(document: Document) -> None:
    kwargs = {"column": "price", "max_value": 2}
    implementation = {"type": "expect_column_max_to_be_between", "kwargs": kwargs}
    rule = {"type": "custom", "engine": "greatExpectations", "implementation": implementation}
    schema(document)["quality"] = [rule]


def _gold(document: Document) -> None:
    custom(document, "deliveryMode", None)
    custom(document, "layer", "gold")


@pytest.fixture
def project(contracts: ContractFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = contracts.folder.parent
    (root / "dbt_project").mkdir()
    monkeypatch.setenv("ASSAY_PROJECT", str(root))
    return root


def _compile(*arguments: str) -> Result:
    return CliRunner().invoke(run, ["contracts", "compile", *arguments])


def _texts(root: Path) -> dict[str, str]:
    files = [file for file in root.rglob("*") if file.is_file() and ".odcs." not in file.name]
    return {file.relative_to(root).as_posix(): file.read_text("utf-8") for file in files}


@pytest.mark.parametrize(
    ("change", "landed", "gold"),
    [
        pytest.param(_required, SPLITTING, {GOLD_SUITE, GOLD_YAML, PAGE}, id="required"),
        pytest.param(
            _unique, {SILVER_SUITE, SILVER_YAML, PAGE}, {GOLD_SUITE, GOLD_YAML, PAGE}, id="unique"
        ),
        pytest.param(_limit, SPLITTING, {GOLD_SUITE, GOLD_YAML, PAGE}, id="limit"),
        pytest.param(_listed, SPLITTING, {GOLD_SUITE, GOLD_YAML, PAGE}, id="listed-values"),
        pytest.param(_sql, SPLITTING, {GOLD_SUITE, GOLD_YAML, PAGE}, id="row-rule"),
        # A warning sends no row to quarantine.
        pytest.param(
            _warning, {SILVER_SUITE, SILVER_YAML, PAGE}, {GOLD_SUITE, GOLD_YAML, PAGE}, id="warning"
        ),
        # What is no property of a single row is asked by the audit alone.
        pytest.param(_row_count, {SILVER_SUITE, PAGE}, {GOLD_SUITE, PAGE}, id="row-count"),
        pytest.param(_figure, {SILVER_SUITE, PAGE}, {GOLD_SUITE, PAGE}, id="sql"),
        pytest.param(_expectation, {SILVER_SUITE, PAGE}, {GOLD_SUITE, PAGE}, id="expectation"),
    ],
)
@pytest.mark.parametrize("layer", ["landed", "gold"])
def test_all_that_says_a_rule_changes_with_it_and_ci_fails_before(
    project: Path,
    contracts: ContractFolder,
    change: Change,
    landed: set[str],
    gold: set[str],
    layer: str,
) -> None:
    expected = landed if layer == "landed" else gold

    def make(document: Document, *changes: Change) -> None:
        for each in (*([_gold] if layer == "gold" else []), *changes):
            each(document)

    contracts.write(make)
    assert _compile().exit_code == 0
    assert _compile("--check").exit_code == 0
    before = _texts(project)

    contracts.write(lambda document: make(document, change))
    refused = _compile("--check")
    assert refused.exit_code == 1
    named = {
        line.split()[-1] for line in refused.stdout.splitlines() if line.startswith("would write")
    }
    assert named == expected
    assert _texts(project) == before

    assert _compile().exit_code == 0
    after = _texts(project)
    assert {name for name in after if after[name] != before.get(name)} == expected
    assert _compile("--check").exit_code == 0

    contracts.write(make)
    assert _compile().exit_code == 0
    assert _texts(project) == before
