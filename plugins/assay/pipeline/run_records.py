"""What runs leave behind: plans, stages, candidates, checks, balances, decisions, notices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from assay.domain import (
    Candidate,
    CheckResult,
    DayMeasure,
    GateRecord,
    LoadBalance,
    Measure,
    OverdueNotice,
    Run,
    StageEvent,
    TableRef,
    TableVersion,
    UnitTestPass,
)
from assay.errors import ReleaseError
from assay.records import RecordTable


class RunRecords:
    """The records of a lake's runs, each a table under ``lake/_assay``."""

    def __init__(self, lake: Path) -> None:
        self.runs = RecordTable(lake, "runs", Run)
        self.events = RecordTable(lake, "stage_events", StageEvent)
        self.candidates = RecordTable(lake, "candidates", Candidate)
        self.checks = RecordTable(lake, "checks", CheckResult)
        self.measures = RecordTable(lake, "measures", Measure)
        self.day_measures = RecordTable(lake, "day_measures", DayMeasure)
        self.unit_tests = RecordTable(lake, "unit_tests", UnitTestPass)
        self.balances = RecordTable(lake, "load_balances", LoadBalance)
        self.gates = RecordTable(lake, "gate_decisions", GateRecord)
        self.overdue_notices = RecordTable(lake, "overdue_notices", OverdueNotice)

    def find_run(self, run_id: str) -> Run | None:
        """Return a run's plan, or None where no run of that name has started."""
        found = self.runs.read(run_id=run_id)
        return found[0] if found else None

    def get_run(self, run_id: str) -> Run:
        """Return a run's plan.

        Raises:
            ReleaseError: no run of that name has started.
        """
        run = self.find_run(run_id)
        if run is None and self.events_of(run_id):
            raise ReleaseError(
                f"run '{run_id}' ended at its start: it took nothing in and left no table",
                todo=f"`assay explain {run_id}` tells why",
            )
        if run is None:
            raise ReleaseError(
                f"there is no run '{run_id}'", todo="`assay status` lists the latest runs"
            )
        return run

    def runs_of(self, product: str) -> list[Run]:
        """Return a product's runs in order of their start."""
        return sorted(self.runs.read(product=product), key=lambda run: run.fence)

    def events_of(self, run_id: str) -> list[StageEvent]:
        """Return what happened to a run, in order."""
        return sorted(self.events.read(run_id=run_id), key=lambda event: event.at_utc)

    def candidates_of(self, run_id: str) -> dict[str, Candidate]:
        """Return a run's newest candidate of each table, by table name."""
        found = sorted(self.candidates.read(run_id=run_id), key=lambda each: each.written_at_utc)
        return {candidate.table: candidate for candidate in found}

    def checks_of(self, tables: Mapping[TableRef, int]) -> dict[TableVersion, list[CheckResult]]:
        """Return the newest audit of each table version; empty where there was none."""
        wanted = {TableVersion(table, version) for table, version in tables.items()}
        found = self.checks.read_any(
            [{"table": str(each.table), "version": each.version} for each in wanted]
        )
        audits: dict[TableVersion, list[CheckResult]] = {}
        for each in sorted(wanted):
            name, version = str(each.table), each.version
            checks = [c for c in found if c.table == name and c.version == version]
            newest = max((check.checked_at_utc for check in checks), default=None)
            audits[each] = [check for check in checks if check.checked_at_utc == newest]
        return audits

    def measures_of(self, tables: Collection[TableVersion]) -> dict[TableVersion, list[Measure]]:
        """Return what was measured of each table version; empty where nothing was."""
        found = self.measures.read_any(
            [{"table": str(each.table), "version": each.version} for each in tables]
        )
        return {
            each: [m for m in found if (m.table, m.version) == (str(each.table), each.version)]
            for each in tables
        }

    def balances_of(self, run_id: str) -> list[LoadBalance]:
        """Return where the rows of a run's loads are: the newest balance of each load."""
        newest: dict[tuple[str, str], LoadBalance] = {}
        for balance in self.balances.read(run_id=run_id):
            newest[balance.table, balance.load_id] = balance
        return sorted(newest.values(), key=lambda each: (each.table, each.load_id))

    def last_gate(self, run_id: str) -> GateRecord | None:
        """Return the newest policy decision about a run, or None."""
        found = self.gates.read(run_id=run_id)
        return max(found, key=lambda each: each.decided_at_utc) if found else None
