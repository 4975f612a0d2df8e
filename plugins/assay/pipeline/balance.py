"""Nothing is ever lost: the dispositions of a load's rows sum to what landing counted.

The figures come from different places: landing's own reader, the checked rows, the exceptions,
and the row counts in the Delta logs of bronze, silver and quarantine. They must agree.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from assay.domain import (
    Candidate,
    Contract,
    Load,
    LoadBalance,
    Release,
    Run,
    TableRef,
)
from assay.errors import BalanceError
from assay.pipeline.bindings import bind_entity
from assay.pipeline.plan import silver_chain
from assay.pipeline.project import Project
from assay.pipeline.quarantined_share import check_shares
from assay.pipeline.released_balance import settle_balances
from assay.pipeline.split_rows import split_path
from assay.storage import open_connection, quote_text, scan

# How many rows, and a sum over their numbers that does not depend on their order.
_ROWS = "count(*), sum(hash(_row_number)::hugeint)::varchar"
Counted = tuple[int, str | None]
_NO_ROWS: Counted = (0, None)
# Rows that are in the quarantine table: they wait, or a person settled them.
_IN_QUARANTINE = ("quarantined", "replayed", "discarded")
_DISPOSITIONS = (*_IN_QUARANTINE, "deduplicated", "superseded", "replaced")


def check_balances(project: Project, run: Run, base: Release | None) -> list[LoadBalance]:
    """Place every row of the loads that a run took to silver, and record where it is.

    Raises:
        BalanceError: the figures disagree: rows were lost or invented.
        LoadRefused: more of a load was quarantined than its contract allows.
    """
    candidates = project.records.candidates_of(run.run_id)
    built = [c for c in project.entities(run.product) if silver_chain(c)[0] in run.models]
    balances: list[LoadBalance] = []
    with open_connection(project.settings.memory_limit, project.settings.threads) as connection:
        for contract in built:
            balances += _balance_entity(project, run, contract, base, candidates, connection)
    taken = {balance.load_id for balance in balances}
    settled = [b for c in built for b in settle_balances(project, run, base, c, leave_out=taken)]
    project.records.balances.append([*balances, *settled])
    check_shares(project, run, built, balances, set(base.loads) if base else set())
    return [*balances, *settled]


def _balance_entity(
    project: Project,
    run: Run,
    contract: Contract,
    base: Release | None,
    candidates: dict[str, Candidate],
    connection: duckdb.DuckDBPyConnection,
) -> list[LoadBalance]:
    released = set(base.loads) if base else set()
    bound = bind_entity(project, contract, released, run.load_ids, run.rebuild)
    in_scope = {each.load_id for each in bound.loads}
    loads = [
        load
        for load in project.loads.of_table(run.product, contract.table)
        if load.load_id in in_scope
    ]
    scratch = project.scratch(run.run_id)
    checked = _count_rows(connection, scratch, f"int_{contract.silver.name}_checked")
    exceptions = _count_exceptions(connection, scratch, f"int_{contract.silver.name}_exceptions")
    bronze = _count_bronze(project, contract, candidates, base, connection, loads)
    balances = []
    for load in loads:
        counts = exceptions.get(load.load_id, {})
        landed_rows = bronze.get(load.load_id, _NO_ROWS)
        checked_rows = checked.get(load.load_id, _NO_ROWS)
        _require(load, "bronze holds", landed_rows[0], load.row_count)
        _require(load, "the checked rows are", checked_rows[0], load.row_count)
        _require_same_rows(load, landed_rows, checked_rows)
        placed = sum(counts.get(name, 0) for name in (*_IN_QUARANTINE, "deduplicated"))
        balances.append(
            LoadBalance(
                run_id=run.run_id,
                product=run.product,
                table=contract.table,
                load_id=load.load_id,
                landed=load.row_count,
                accepted=load.row_count - placed,
                quarantined=counts.get("quarantined", 0),
                deduplicated=counts.get("deduplicated", 0),
                discarded=counts.get("discarded", 0),
                superseded=counts.get("superseded", 0),
                replayed=counts.get("replayed", 0),
            )
        )
    replaced = sum(counts.get("replaced", 0) for counts in exceptions.values())
    _require_tables(run, contract, base, candidates, balances, replaced)
    return balances


def _require_tables(
    run: Run,
    contract: Contract,
    base: Release | None,
    candidates: dict[str, Candidate],
    balances: list[LoadBalance],
    replaced: int,
) -> None:
    """Hold what silver and quarantine contain now against what the dispositions say."""
    is_rebuilt = silver_chain(contract)[0] in run.rebuild
    before = {} if base is None or is_rebuilt else base.rows
    accepted = sum(b.accepted - b.superseded for b in balances) - replaced
    quarantined = sum(b.quarantined + b.replayed + b.discarded for b in balances)
    for table, change in ((contract.silver, accepted), (contract.quarantine, quarantined)):
        expected = before.get(str(table), 0) + change
        found = candidates[str(table)].rows
        if found != expected:
            raise BalanceError(
                f"{table} holds {found} rows, but the dispositions of the run's loads make"
                f" {expected} ({before.get(str(table), 0)} before, {change:+d} now)",
                where=f"run {run.run_id}",
                todo="nothing was released; please report this with the run's records in"
                " lake/_assay/load_balances",
            )


def _count_rows(
    connection: duckdb.DuckDBPyConnection, scratch: Path, step: str
) -> dict[str, Counted]:
    path = quote_text(str(split_path(scratch, step) / "**" / "*.parquet"))
    rows = connection.execute(
        f"select _load_id, {_ROWS} from read_parquet({path}, hive_partitioning = false) group by 1"
    ).fetchall()
    return {load_id: (count, checksum) for load_id, count, checksum in rows}


def _count_exceptions(
    connection: duckdb.DuckDBPyConnection, scratch: Path, step: str
) -> dict[str, dict[str, int]]:
    path = quote_text(str(scratch / f"{step}.parquet"))
    rows = connection.execute(
        f"select _load_id, disposition, count(*) from read_parquet({path}) group by all"
    ).fetchall()
    counts: dict[str, dict[str, int]] = {}
    for load_id, disposition, count in rows:
        if disposition not in _DISPOSITIONS:
            raise BalanceError(f"the step {step} gives rows the disposition '{disposition}'")
        counts.setdefault(load_id, {})[disposition] = count
    return counts


def _count_bronze(
    project: Project,
    contract: Contract,
    candidates: dict[str, Candidate],
    base: Release | None,
    connection: duckdb.DuckDBPyConnection,
    loads: list[Load],
) -> dict[str, Counted]:
    table: TableRef = contract.bronze
    candidate = candidates.get(str(table))
    version = candidate.version if candidate else (base.tables.get(str(table)) if base else None)
    if version is None or not loads:
        return {}
    ids = ", ".join(quote_text(load.load_id) for load in loads)
    rows = connection.execute(
        f"select _load_id, {_ROWS} from {scan(str(project.table_path(table)), version)}"
        f" where _load_id in ({ids}) group by 1"
    ).fetchall()
    return {load_id: (count, checksum) for load_id, count, checksum in rows}


def _require(load: Load, what: str, found: int, landed: int) -> None:
    if found != landed:
        raise BalanceError(
            f"{what} {found} rows of load {load.load_id}, but landing counted {landed}",
            where=f"{load.source_name} ({load.product}.{load.table})",
            todo="nothing was released; if a `stg_` model filters or joins, let it keep each row"
            " once",
        )


def _require_same_rows(load: Load, landed: Counted, checked: Counted) -> None:
    """Find a row that was lost where another was doubled: their number alone does not tell."""
    if landed != checked:
        raise BalanceError(
            f"the checked rows of load {load.load_id} are not the rows that bronze holds: some"
            " row numbers are missing, and others stand more than once",
            where=f"{load.source_name} ({load.product}.{load.table})",
            todo="nothing was released; let the `stg_` model keep each row once, with its own"
            " _row_number",
        )
