"""`assay contracts compile` refuses an expectation that no audit could check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assay.cli.main import run

FILE = "contracts/shop/orders.odcs.yaml"
ORDERS = """apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: id
        logicalType: integer
        quality:
          - type: custom
            engine: greatExpectations
            implementation: RULE
    customProperties:
      - {property: layer, value: gold}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "contracts" / "shop").mkdir(parents=True)
    (tmp_path / "dbt_project").mkdir()
    monkeypatch.setenv("ASSAY_PROJECT", str(tmp_path))
    return tmp_path


def compile_rule(project: Path, rule: str) -> Result:
    (project / FILE).write_text(ORDERS.replace("RULE", rule), encoding="utf-8")
    return CliRunner().invoke(run, ["contracts", "compile"])


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            "{type: expect_column_values_to_smell}",
            "Great Expectations has no expectation of this type",
        ),
        (
            "{type: expect_column_max_to_be_between, kwargs: {maximum: 5}}",
            "'maximum' is 5: extra fields not permitted",
        ),
        (
            "{type: expect_column_values_to_be_between, kwargs: {min_value: 1, mostly: 1.5}}",
            "'mostly' is 1.5",
        ),
        (
            "{type: expect_column_values_to_be_unique, kwargs: {row_condition: id > 0,"
            " condition_parser: great_expectations}}",
            "unable to parse condition: id > 0",
        ),
        ("{type: expect_column_values_to_be_increasing}", "rows of a table have no order"),
        (
            "{type: unexpected_rows_expectation, kwargs: {unexpected_rows_query: select 1}}",
            "does not read from {batch}",
        ),
    ],
)
def test_an_expectation_that_cannot_be_checked_is_refused(
    project: Path, rule: str, fault: str
) -> None:
    result = compile_rule(project, rule)
    assert result.exit_code == 1
    assert fault in result.output
    assert f"where: {FILE}:14 at schema.orders.properties.id.quality.0" in result.output
    assert not (project / "expectations").exists()


def test_an_expectation_goes_through_with_all_its_arguments(project: Path) -> None:
    condition = "row_condition: 'col(\"id\") > 0', condition_parser: great_expectations"
    kwargs = f"{{min_value: 1, mostly: 0.9, {condition}}}"
    rule = f"{{type: expect_column_values_to_be_between, kwargs: {kwargs}}}"
    result = compile_rule(project, rule)
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "shop: 0 files are as the contracts say",
    )
    suite = json.loads((project / "expectations" / "shop" / "orders.json").read_text("utf-8"))
    assert suite["expectations"][-1]["kwargs"] == {
        "min_value": 1,
        "mostly": 0.9,
        "row_condition": 'col("id") > 0',
        "condition_parser": "great_expectations",
        "column": "id",
    }
