"""Rows out to a file, and mended back into the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.domain import Contract, RowPlace, RowState
from assay.errors import QuarantineError
from assay.pipeline.project import Project
from assay.pipeline.quarantine.replay import require_replayable
from assay.pipeline.quarantine.rows import (
    WAITING,
    QuarantinedRow,
    RowFilter,
    contract_of_load,
    find_rows,
    list_command,
    mended_values,
)
from assay.pipeline.quarantine.words import Signature, acting, make_entry
from assay.quality.mended_file import (
    FileProblem,
    MendedRow,
    check_columns,
    read_rows,
    refuse,
    write_rows,
)


@dataclass(frozen=True)
class RepairOutcome:
    """What a repair took from a file: rows whose texts differ from what is there."""

    contract: Contract
    repaired: int
    unchanged: int


def export_rows(
    project: Project, contract: Contract, chosen: RowFilter, path: Path, *, run_id: str = ""
) -> int:
    """Write a table's chosen rows to a file for a person to mend; return how many.

    Raises:
        QuarantineError: there is none, the run is one of another product, or the file cannot be
            written or is there already.
        ReleaseError: there is no such run.
    """
    rows = find_rows(project, contract, chosen, run_id=run_id)
    if not rows:
        raise QuarantineError(
            f"no such row is in {contract.quarantine}: nothing was written",
            todo=list_command(contract, run_id),
        )
    values = mended_values(project, contract, rows)
    columns = [column.name for column in contract.columns]
    write_rows(
        path,
        columns,
        ((row.place, values[row.place], row.state.value, row.rules_broken) for row in rows),
    )
    return len(rows)


def repair_rows(project: Project, path: Path, by: Signature) -> RepairOutcome:
    """Take the mended texts of waiting rows from a file, all or none.

    Raises:
        ProductBusy: the product is being written.
        QuarantineError: the file cannot be taken as it is; names line and column.
    """
    header, mended = read_rows(path)
    contract = contract_of_load(project, _only_table(project, path, mended))
    check_columns(path, header, [column.name for column in contract.columns])
    require_replayable(contract)
    with acting(project, contract.product) as now:
        there = {
            row.place: row
            for load_id in dict.fromkeys(row.place.load_id for row in mended)
            for row in find_rows(project, contract, RowFilter(load_id))
        }
        refuse(path, _find_unmendable(contract, mended, there))
        before = mended_values(project, contract, [there[row.place] for row in mended])
        changed = [row for row in mended if before[row.place] != row.values]
        number = project.quarantine.next_number(contract.product)
        project.quarantine.record(
            [
                make_entry(there[row.place], RowState.REPAIRED, number, by, now, values=row.values)
                for row in changed
            ]
        )
    return RepairOutcome(contract, len(changed), len(mended) - len(changed))


def _only_table(project: Project, path: Path, rows: Sequence[MendedRow]) -> str:
    """Return a load of the one table whose rows a file holds."""
    loads = dict.fromkeys(dict.fromkeys(row.place.load_id for row in rows), "")
    for product in {load_id.rsplit("-", 2)[0] for load_id in loads}:
        for load in project.loads.all(product):
            if load.load_id in loads:
                loads[load.load_id] = f"{load.product}.{load.table}"
    first = rows[0]
    table = loads[first.place.load_id]
    problems = []
    for row in rows:
        found = loads[row.place.load_id]
        if not found:
            problems.append(FileProblem(row.line, "_load_id", "there is no such load"))
        elif table and found != table:
            said = f"is a load of {found}, the rows before it are of {table}"
            problems.append(FileProblem(row.line, "_load_id", said))
    refuse(path, problems)
    return first.place.load_id


def _find_unmendable(
    contract: Contract, mended: Sequence[MendedRow], there: Mapping[RowPlace, QuarantinedRow]
) -> list[FileProblem]:
    problems = []
    for row in mended:
        found = there.get(row.place)
        if found is None:
            said = (
                f"row {row.place.row_number} of load {row.place.load_id} is not in"
                f" {contract.quarantine} of the current release"
            )
            problems.append(FileProblem(row.line, "_row_number", said))
        elif found.state not in WAITING:
            said = (
                f"row {row.place.row_number} of load {row.place.load_id} is {found.state.value}"
                " already"
            )
            problems.append(FileProblem(row.line, "_row_number", said))
    return problems
