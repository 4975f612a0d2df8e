"""A product small enough to know every row of: five entities, one for each way of delivering.

`clicks` append without key · `orders` append with a key that is a reserved word · `stock` upsert
by two columns with an ordering column · `prices` upsert without · `places` snapshot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from assay.config import read_settings
from assay.contracts import (
    read_contracts,
    staging_model,
    staging_scaffold,
    write_compiled,
)
from assay.domain import Layer, Load, LoadHold, Release, TableRef
from assay.pipeline import Project, RunOutcome, open_project, run_product, run_sql
from assay.pipeline.pending import SKIPPED
from assay.storage import current_version

ROOT = Path(__file__).parents[2]
PRODUCT = "shop"

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Entity:
    """What a contract says, in short: columns as (name, logicalType, physicalType)."""

    columns: Sequence[tuple[str, str, str]]
    mode: str = ""
    key: Sequence[str] = ()
    ordering: str = ""
    options: dict[str, dict[str, object]] = field(default_factory=dict)
    quality: Sequence[dict[str, object]] = ()
    extra: dict[str, object] = field(default_factory=dict)


ENTITIES = {
    "clicks": Entity(
        (("at", "timestamp", ""), ("page", "string", ""), ("visits", "integer", "integer")),
        mode="append",
    ),
    "orders": Entity(
        (("order", "integer", ""), ("item", "string", ""), ("price", "number", "decimal(10, 2)")),
        mode="append",
        key=("order",),
        options={"price": {"minimum": 0}},
        quality=(
            {
                "type": "custom",
                "engine": "assay",
                "name": "cheap",
                "severity": "warning",
                "implementation": "price < 1000",
            },
        ),
    ),
    "stock": Entity(
        (
            ("sku", "string", ""),
            ("place", "string", ""),
            ("qty", "integer", "integer"),
            ("changed_at", "timestamp", ""),
        ),
        mode="upsert",
        key=("sku", "place"),
        ordering="changed_at",
    ),
    "prices": Entity(
        (("sku", "string", ""), ("price", "number", "double")), mode="upsert", key=("sku",)
    ),
    "places": Entity(
        (("place", "string", ""), ("city", "string", "")), mode="snapshot", key=("place",)
    ),
}
GOLD = {
    "fct_orders": (
        Entity((("order", "integer", ""), ("price", "number", "decimal(10, 2)")), key=("order",)),
        """select "order", price from {{ ref('shop__orders') }}""",
        ("orders",),
    ),
    "agg_stock": (
        Entity(
            (("place", "string", ""), ("city", "string", ""), ("qty", "integer", "bigint")),
            key=("place",),
        ),
        """select stock.place, any_value(places.city) as city, sum(stock.qty)::bigint as qty
from {{ ref('shop__stock') }} as stock
left join {{ ref('shop__places') }} as places on stock.place = places.place
group by stock.place""",
        ("stock", "places"),
    ),
    "agg_clicks": (
        Entity((("page", "string", ""), ("visits", "integer", "bigint")), key=("page",)),
        """select page, sum(visits)::bigint as visits
from {{ ref('shop__clicks') }}
group by page""",
        ("clicks",),
    ),
}


@dataclass
class SmallProduct:
    """The product at work: deliver files, run, look."""

    root: Path

    @property
    def project(self) -> Project:
        """The project, opened anew: nothing is remembered between two runs."""
        return open_project(read_settings())

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    def deliver(self, table: str, name: str, text: str | bytes, minute: int = 0) -> Path:
        """Put a file where the source would, delivered in that minute of 2024."""
        path = self.root / "deliveries" / PRODUCT / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        self.touch(path, minute)
        return path

    def touch(self, path: Path, minute: int) -> None:
        at = datetime(2024, 1, 1, minute // 60, minute % 60, tzinfo=UTC).timestamp()
        os.utime(path, (at, at))

    def run(self, *, is_full_refresh: bool = False) -> RunOutcome:
        return run_product(self.project, PRODUCT, is_full_refresh=is_full_refresh)

    def release(self) -> Release:
        """Run, and expect a release."""
        release = self.run().release
        assert release is not None
        return release

    def query(self, sql: str, run_id: str = "") -> Rows:
        """Ask as a reader does; rows as tuples, in the query's order."""
        found = run_sql(self.project, sql, run_id=run_id)
        return [tuple(row.values()) for row in found.to_pylist()]

    def rows(self, table: str, columns: str = "", run_id: str = "") -> Rows:
        """All rows of a table, sorted; only the contract's columns unless others are named."""
        ref = TableRef.parse(table)
        names = columns or self._columns(ref)
        return self.query(f"select {names} from {table} order by all", run_id)

    def quarantined(self, table: str) -> Rows:
        """What is in quarantine: (file, row number, rules)."""
        return self.query(
            "select parse_filename(_source_file), _row_number, _rules_broken"
            f" from quarantine.{PRODUCT}__{table} order by all"
        )

    def loads(self, table: str = "") -> list[Load]:
        ledger = self.project.loads
        return ledger.of_table(PRODUCT, table) if table else ledger.all(PRODUCT)

    def balances(self, run_id: str) -> dict[str, tuple[int, int, int, int, int]]:
        """Dispositions by file: landed, accepted, quarantined, deduplicated, superseded."""
        names = {load.load_id: Path(load.source_name).name for load in self.loads()}
        return {
            names[b.load_id]: (b.landed, b.accepted, b.quarantined, b.deduplicated, b.superseded)
            for b in self.project.records.balances_of(run_id)
        }

    def skip(self, load_id: str) -> None:
        """Say that a refused load is to be passed over, as `assay loads skip` does."""
        word = LoadHold(load_id, PRODUCT, SKIPPED, "not needed", "a test", datetime.now(UTC))
        self.project.releases.hold([word])

    def versions(self) -> dict[str, int | None]:
        """The newest version of every table of the lake, the platform's own included."""
        folders = [*(self.lake / "tables").glob("*/*"), *(self.lake / "_assay").glob("*")]
        return {
            f.relative_to(self.lake).as_posix(): current_version(f)
            for f in sorted(folders)
            if f.is_dir()
        }

    def data_versions(self) -> dict[str, int | None]:
        return {k: v for k, v in self.versions().items() if k.startswith("tables/")}

    def contract_path(self, table: str) -> Path:
        return self.root / "contracts" / PRODUCT / f"{table}.odcs.yaml"

    def model_path(self, name: str) -> Path:
        return next((self.root / "dbt_project" / "models").rglob(f"{name}.sql"))

    def suite_path(self, name: str) -> Path:
        return self.root / "expectations" / PRODUCT / f"{name}.json"

    def compile(self) -> None:
        contracts = read_contracts(self.root / "contracts", PRODUCT)
        write_compiled(self.root, contracts, PRODUCT)

    def _columns(self, ref: TableRef) -> str:
        if ref.layer is Layer.GOLD:
            entity = GOLD[ref.name][0]
        else:
            entity = ENTITIES[ref.name.split("__", 1)[1]]
        return ", ".join(f'"{name}"' for name, _, _ in entity.columns)


def make_small_product(
    root: Path, monkeypatch: pytest.MonkeyPatch, tables: Sequence[str] = tuple(ENTITIES)
) -> SmallProduct:
    """Write a project of these tables, and the gold that reads no others; point Assay at it."""
    for name in ("macros", "tests", "dbt_project.yml", "profiles.yml"):
        _copy(ROOT / "dbt_project" / name, root / "dbt_project" / name)
    _copy(ROOT / "policies", root / "policies")
    for table in tables:
        write_contract(root, table, ENTITIES[table])
    for name, (entity, sql, reads) in GOLD.items():
        if set(reads) <= set(tables):
            write_contract(root, name, entity)
            write_text(root / "dbt_project" / "models" / "gold" / PRODUCT / f"{name}.sql", sql)
    contracts = read_contracts(root / "contracts", PRODUCT)
    for contract in contracts:
        if contract.layer is not Layer.GOLD:
            silver = root / "dbt_project" / "models" / "silver" / PRODUCT
            write_text(silver / f"{staging_model(contract)}.sql", staging_scaffold(contract))
    write_compiled(root, contracts, PRODUCT)
    return enter_project(root, monkeypatch)


def enter_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    """Let the settings mean this project, with no service, on one thread."""
    for variable in ("OPA_URL", "VAULT_ADDR", "ASSAY_LINEAGE_URL", "ASSAY_BINDING_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ASSAY_PROJECT", str(root))
    monkeypatch.setenv("ASSAY_LAKE", str(root / "lake"))
    monkeypatch.setenv("ASSAY_DELIVERIES", str(root / "deliveries"))
    monkeypatch.setenv("ASSAY_THREADS", "1")
    monkeypatch.setenv("ASSAY_LOCK_WAIT_SECONDS", "0.2")
    return SmallProduct(root)


def write_contract(root: Path, table: str, entity: Entity, product: str = PRODUCT) -> None:
    path = root / "contracts" / product / f"{table}.odcs.yaml"
    write_text(path, yaml.safe_dump(_contract(table, entity, product), sort_keys=False))


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _contract(table: str, entity: Entity, product: str) -> dict[str, object]:
    custom = {"deliveryMode": entity.mode, "orderingColumn": entity.ordering, **entity.extra}
    if not entity.mode:
        custom = {"layer": "gold"}
    document: dict[str, object] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"{product}.{table}",
        "name": table,
        "version": "1.0.0",
        "status": "active",
        "dataProduct": product,
        "description": {"purpose": f"{table} of the shop."},
        "team": {"name": "shopkeepers"},
        "schema": [
            {
                "name": table,
                "logicalType": "object",
                "description": f"{table} of the shop.",
                "customProperties": [
                    {"property": name, "value": value} for name, value in custom.items() if value
                ],
                "properties": [_column(entity, *column) for column in entity.columns],
                "quality": list(entity.quality),
            }
        ],
    }
    if entity.mode:
        server = {"server": "deliveries", "type": "local", "format": "csv"}
        document["servers"] = [server | {"path": f"{product}/{table}/*.csv"}]
    return document


def _column(entity: Entity, name: str, logical: str, physical: str) -> dict[str, object]:
    column: dict[str, object] = {"name": name, "logicalType": logical, "description": name}
    if physical:
        column["physicalType"] = physical
    if name in entity.key:
        column |= {"primaryKey": True, "primaryKeyPosition": list(entity.key).index(name) + 1}
    if name in entity.options:
        column["logicalTypeOptions"] = entity.options[name]
    return column


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
