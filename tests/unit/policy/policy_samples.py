"""Sample policies, documents and domain values for the policy tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from assay.domain import (
    CheckResult,
    CheckStatus,
    Column,
    Contract,
    Layer,
    Run,
    Severity,
    TableRef,
)
from check_results import make_check

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FACTS = TableRef(Layer.GOLD, "fct_flights")
STAGED = TableRef(Layer.SILVER, "flights__flights")


def write_rule(policies: Path, name: str, body: str, *, package: str = "") -> Path:
    """Write one rule of the domain ``gate`` and return its file."""
    folder = policies / "gate" / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.rego"
    path.write_text(f"package {package or f'gate.{name}'}\n\n{body}\n", encoding="utf-8")
    return path


def sample_run() -> Run:
    return Run(
        run_id="r-1",
        product="flights",
        fence=1,
        base_release=0,
        load_ids=("l-1",),
        models=("fct_flights",),
        rebuild=(),
        audits=(),
        pins={},
        fingerprints={},
        code_revision="abc",
        code_dirty=False,
        code_tree_hash="def",
        started_at_utc=NOW,
    )


def sample_column(name: str, *, personal: bool = False, classification: str = "") -> Column:
    return Column(
        name=name,
        physical_name=name,
        data_type="VARCHAR",
        logical_type="string",
        description="A column.",
        personal_data=personal,
        classification=classification,
    )


def sample_contract(layer: Layer = Layer.GOLD, *columns: Column, owner: str = "ops") -> Contract:
    return Contract(
        product="flights",
        table="fct_flights" if layer is Layer.GOLD else "flights",
        layer=layer,
        version="1.0.0",
        owner=owner,
        description="A table.",
        columns=columns or (sample_column("flight_id"),),
        path="contracts/flights/fct_flights.odcs.yaml",
    )


def sample_check(
    table: TableRef = FACTS,
    *,
    version: int = 3,
    status: CheckStatus = CheckStatus.PASSED,
    severity: Severity = Severity.CRITICAL,
) -> CheckResult:
    return make_check(
        run_id="r-1",
        product="flights",
        table=str(table),
        version=version,
        suite="flights.fct_flights",
        check="expect_column_values_to_not_be_null",
        column="flight_id",
        severity=severity,
        status=status,
        observed="",
        expected="",
        row_count=1,
        checked_at_utc=NOW,
    )
