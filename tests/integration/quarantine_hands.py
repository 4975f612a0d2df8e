"""What a person does with quarantined rows, and what can be seen of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from small_product import PRODUCT, SmallProduct

from assay.domain import Contract, RowState
from assay.pipeline.quarantine.repair import RepairOutcome, export_rows, repair_rows
from assay.pipeline.quarantine.replay import ReplayOutcome, replay_rows
from assay.pipeline.quarantine.rows import RowFilter, choose_contracts, find_rows
from assay.pipeline.quarantine.words import Signature

ME = Signature("a test", "because")
WAITING = RowFilter(states=(RowState.OPEN, RowState.REPAIRED))
REPAIRED = RowFilter(states=(RowState.REPAIRED,))
ORDERS = "order,item,price\n"
Counts = tuple[int, int, int, int, int]


def contract(shop: SmallProduct, table: str) -> Contract:
    return choose_contracts(shop.project, PRODUCT, table)[0]


def repair(
    shop: SmallProduct, table: str, mend: Callable[[dict[str, str]], Mapping[str, str]]
) -> RepairOutcome:
    """Export a table's waiting rows, change each, and give the file back."""
    path = shop.root / "mended.csv"
    path.unlink(missing_ok=True)
    export_rows(shop.project, contract(shop, table), WAITING, path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, **mend(row)} for row in rows)
    return repair_rows(shop.project, path, ME)


def replay(shop: SmallProduct, table: str, chosen: RowFilter = REPAIRED) -> ReplayOutcome:
    return replay_rows(shop.project, contract(shop, table), chosen, ME)


def states(shop: SmallProduct, table: str) -> dict[tuple[str, int], str]:
    """The state of each quarantined row, by file and row number."""
    rows = find_rows(shop.project, contract(shop, table), RowFilter())
    names = {load.load_id: Path(load.source_name).name for load in shop.loads()}
    return {(names[r.place.load_id], r.place.row_number): r.state.value for r in rows}


def places(shop: SmallProduct, run_id: str) -> dict[str, Counts]:
    """Where the rows of each load are: landed, accepted, quarantined, replayed, discarded."""
    names = {load.load_id: Path(load.source_name).name for load in shop.loads()}
    found = {}
    for b in shop.project.records.balances_of(run_id):
        assert b.landed == (b.accepted + b.quarantined + b.deduplicated + b.replayed + b.discarded)
        found[names[b.load_id]] = (b.landed, b.accepted, b.quarantined, b.replayed, b.discarded)
    return found


def deliver_orders(shop: SmallProduct) -> None:
    shop.deliver("orders", "1.csv", ORDERS + "1,pen,1.50\n2,ink,-1\n3,cap,x\n4,nib,-4\n")
    shop.release()
