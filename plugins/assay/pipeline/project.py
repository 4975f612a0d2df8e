"""One project at work: its settings, its ledgers, its clock. Every pipeline function takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from assay.config import Settings
from assay.contracts import read_contracts
from assay.domain import Contract, Layer, TableRef
from assay.ingestion import LoadLedger
from assay.lineage import Emitter
from assay.pipeline.run_records import RunRecords
from assay.quality.quarantine_ledger import QuarantineLedger
from assay.releases import ReleaseLedger
from assay.secret_store import SecretStore, open_store
from assay.storage import table_path
from assay.transform import DbtProject

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Project:
    """What the pipeline works on. Opening it touches nothing."""

    settings: Settings
    clock: Clock

    @property
    def lake(self) -> Path:
        return self.settings.lake_path

    @cached_property
    def loads(self) -> LoadLedger:
        return LoadLedger(self.lake)

    @cached_property
    def releases(self) -> ReleaseLedger:
        return ReleaseLedger(self.lake)

    @cached_property
    def records(self) -> RunRecords:
        return RunRecords(self.lake)

    @cached_property
    def quarantine(self) -> QuarantineLedger:
        return QuarantineLedger(self.lake)

    @cached_property
    def emitter(self) -> Emitter:
        return Emitter(
            self.lake,
            namespace=self.settings.lineage_namespace,
            clock=self.clock,
            url=self.settings.lineage_url,
        )

    @cached_property
    def dbt(self) -> DbtProject:
        folder = self.settings.dbt_project_path
        return DbtProject(folder, folder / "target")

    @cached_property
    def secrets(self) -> SecretStore:
        settings = self.settings
        return open_store(
            vault_addr=settings.vault_addr,
            role_id=settings.vault_role_id,
            secret_id_file=settings.vault_secret_id_file,
            mount=settings.vault_mount,
            path=settings.vault_path,
            secrets_file=settings.path(settings.secrets_file),
        )

    def contracts(self, product: str) -> tuple[Contract, ...]:
        return read_contracts(self.settings.contracts_path, product)

    def entities(self, product: str) -> tuple[Contract, ...]:
        """The contracts of what is landed."""
        return tuple(c for c in self.contracts(product) if c.layer is not Layer.GOLD)

    def table_path(self, table: TableRef) -> Path:
        return table_path(self.lake, table)

    def scratch(self, run_id: str) -> Path:
        """A run's folder for what it needs between its stages; gone when it is published."""
        return self.lake / "_assay" / "scratch" / run_id


def open_project(settings: Settings, clock: Clock = utc_now) -> Project:
    """Open the project that the settings name."""
    return Project(settings, clock)
