"""What a release holds and how it came about: the figures that a run ends with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.domain import CheckResult, CheckStatus, Layer, Release, TableRef, TableVersion
from assay.errors import ReleaseError
from assay.lineage import count_undelivered, events_path
from assay.lineage.http_endpoint import hide_credentials
from assay.pipeline.pending import PendingLoads, read_pending
from assay.pipeline.product_warnings import read_warnings
from assay.pipeline.project import Project
from assay.pipeline.quarantine.rows import WAITING
from assay.pipeline.quarantine.view import create_states, relation
from assay.quality import CheckCounts, summarize
from assay.storage import open_connection, quote_text


@dataclass(frozen=True)
class TableSummary:
    """One table of a release. ``is_new``: this run wrote this version of it.

    ``checks`` counts the newest audit of exactly this version; ``not_passed`` are its checks
    that warn, or failed.
    """

    table: TableRef
    rows: int
    version: int
    is_new: bool
    checks: CheckCounts
    not_passed: tuple[CheckResult, ...] = ()


@dataclass(frozen=True)
class QuarantineSummary:
    """Rows that wait in quarantine: nobody has settled them.

    ``rows`` are of the summed-up loads, ``earlier_rows`` of all other loads of the release. A row
    that broke two rules counts under both in ``rows_by_rule``, which is of the summed-up loads.
    """

    table: TableRef
    rows: int
    rows_by_rule: Mapping[str, int]
    earlier_rows: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether any row waits, of whatever load."""
        return bool(self.rows or self.earlier_rows)


@dataclass(frozen=True)
class LineageSummary:
    """Where lineage events went. ``endpoint`` is empty where only the file is written."""

    file: Path
    endpoint: str
    undelivered: int


@dataclass(frozen=True)
class RunSummary:
    """What a release holds. ``loads`` are those that it is summed up for.

    ``repeated_rows`` counts their rows that say what was said before, by the name of the file.
    ``pending`` is what waits now, refused loads among it.
    ``warnings`` are the product's of now, where this is what readers see: of checks that did not
    pass none is repeated.
    """

    product: str
    run_id: str
    release: int
    loads: tuple[str, ...]
    tables: tuple[TableSummary, ...]
    quarantined: tuple[QuarantineSummary, ...]
    repeated_rows: Mapping[str, int]
    pending: PendingLoads
    lineage: LineageSummary
    next_commands: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def checks(self) -> CheckCounts:
        """The checks of all tables together."""
        counts = [table.checks for table in self.tables]
        return CheckCounts(
            passed=sum(each.passed for each in counts),
            warned=sum(each.warned for each in counts),
            failed=sum(each.failed for each in counts),
            errored=sum(each.errored for each in counts),
        )


def summarize_run(project: Project, run_id: str) -> RunSummary:
    """Sum up a run that was published, with what happened to the rows of its own loads.

    Raises:
        ReleaseError: there is no such run, or it was not published.
    """
    run = project.records.get_run(run_id)
    for release in project.releases.all(run.product):
        if release.run_id == run_id:
            return summarize_release(project, release, run.load_ids)
    raise ReleaseError(
        f"run {run_id} was not published", todo=f"`assay explain {run_id}` says what it did"
    )


def summarize_release(
    project: Project, release: Release, loads: Collection[str] | None = None
) -> RunSummary:
    """Sum up a release, with what happened to the rows of these loads; by default of all."""
    chosen = tuple(release.loads if loads is None else loads)
    written = project.records.candidates_of(release.run_id)
    tables = tuple(
        _summarize_table(project, release, TableRef.parse(name), name in written)
        for name in release.tables
    )
    quarantined = tuple(
        found
        for table in tables
        if table.table.layer is Layer.QUARANTINE and table.rows
        if (found := _summarize_quarantine(project, table, chosen)).is_waiting
    )
    return RunSummary(
        product=release.product,
        run_id=release.run_id,
        release=release.number,
        loads=chosen,
        tables=tables,
        quarantined=quarantined,
        repeated_rows=_count_repeated(project, release, chosen),
        pending=read_pending(project, release.product),
        lineage=_summarize_lineage(project),
        next_commands=_suggest(release, quarantined),
        warnings=_warnings(project, release, tables),
    )


def _warnings(
    project: Project, release: Release, tables: Collection[TableSummary]
) -> tuple[str, ...]:
    current = project.releases.current(release.product)
    if current is None or current.number != release.number:
        return ()
    told = {(str(t.table), c.check, c.column) for t in tables for c in t.not_passed}
    return read_warnings(project, release.product, told)


def _summarize_table(
    project: Project, release: Release, table: TableRef, is_new: bool
) -> TableSummary:
    version = release.tables[str(table)]
    checks = project.records.checks_of({table: version})[TableVersion(table, version)]
    return TableSummary(
        table=table,
        rows=release.rows[str(table)],
        version=version,
        is_new=is_new,
        checks=summarize(checks),
        not_passed=tuple(each for each in checks if each.status is not CheckStatus.PASSED),
    )


def _summarize_quarantine(
    project: Project, table: TableSummary, loads: Collection[str]
) -> QuarantineSummary:
    ids = ", ".join(quote_text(load) for load in ("", *sorted(loads)))
    waiting = ", ".join(quote_text(state.value) for state in WAITING)
    source = relation(project, table.table, table.version)
    rows = f"from {source} where _state in ({waiting}) and _load_id"
    settings = project.settings
    with open_connection(settings.memory_limit, settings.threads) as connection:
        create_states(connection, project)
        own, earlier = connection.execute(
            f"select (select count(*) {rows} in ({ids})), (select count(*) {rows} not in ({ids}))"
        ).fetchall()[0]
        by_rule = connection.execute(
            f"select rule, count(*) from (select unnest(_rules_broken) as rule {rows} in ({ids}))"
            " group by rule order by count(*) desc, rule"
        ).fetchall()
    return QuarantineSummary(table.table, int(own), dict(by_rule), int(earlier))


def _count_repeated(project: Project, release: Release, loads: Collection[str]) -> dict[str, int]:
    balances = project.records.balances.read(product=release.product, run_id=release.run_id)
    rows = {b.load_id: b.deduplicated for b in balances if b.deduplicated and b.load_id in loads}
    if not rows:
        return {}
    names = {load.load_id: load.source_name for load in project.loads.all(release.product)}
    return {names.get(load_id, load_id): count for load_id, count in rows.items()}


def _summarize_lineage(project: Project) -> LineageSummary:
    url = project.settings.lineage_url
    return LineageSummary(
        file=events_path(project.lake),
        endpoint=hide_credentials(url) if url else "",
        undelivered=count_undelivered(project.lake),
    )


def _suggest(release: Release, quarantined: Collection[QuarantineSummary]) -> tuple[str, ...]:
    """Write the commands that a person may want next, ready to paste."""
    gold = [table for table in release.tables if table.startswith(f"{Layer.GOLD.value}.")]
    shown = max(gold, key=lambda table: release.rows[table], default="")
    commands = [f'assay sql "select * from {shown} limit 5"'] if shown else []
    commands += [f"assay quarantine {release.product}"] if quarantined else []
    commands += [f"assay lineage {shown}"] if shown else []
    return (*commands, f"assay explain {release.run_id}", f"assay releases show {release.product}")
