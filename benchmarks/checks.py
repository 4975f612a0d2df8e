"""Fifty rules by turns: one SQL pass and the audit; GX on pandas and dbt tests on fewer rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import measure
from benchmarks.orders import make_orders
from benchmarks.whole_deliveries import Turn

# What a process of ours that may stay warm has imported before: taken off in the last column.
IMPORTS = "imports"
PEERS = ("pandas", "dbt")
# Pandas holds the table and copies of it: ten million rows of it do not fit beside other work.
PEER_ROWS = 1_000_000


# One row in so many is made to break a rule: half a percent, and a tenth.
SPLIT_STEPS = (200, 10)


@dataclass(frozen=True)
class Split:
    """CPU seconds of one round: plain Delta writes of the rows, also judged, and their split."""

    step: int
    rows: int
    floor: float
    deltalake: float
    judged: float
    split: float
    quarantined: int


def run_splits(folder: Path, rows: int, runs: int) -> list[Split]:
    """Split the rows in processes of their own, by turns over the shares of bad rows.

    Raises:
        SystemExit: one failed, or nothing was quarantined.
    """
    make_orders(folder, rows)
    found = []
    for _ in range(runs):
        for step in SPLIT_STEPS:
            cost = measure(["benchmarks.split", str(folder), str(rows), str(step)], {})
            split = Split(step, **json.loads(cost.output))
            if not split.quarantined:
                raise SystemExit("no row was quarantined")
            found.append(split)
    return found


def run_checks(folder: Path, rows: int, runs: int) -> list[Turn]:
    """Run the contenders by turns, each in a process of its own.

    Raises:
        SystemExit: a contender failed, or two of them count different numbers of bad values.
    """
    make_orders(folder, rows)
    contenders: Sequence[str] = ("sql", "audit", IMPORTS)
    if rows <= PEER_ROWS:
        contenders = (*contenders, *PEERS)
    turns = [
        Turn(name, measure(["benchmarks.audit", name, str(folder), str(rows)], {}))
        for _ in range(runs)
        for name in contenders
    ]
    counted = {turn.cost.output for turn in turns if turn.contender != IMPORTS}
    if len(counted) != 1:
        raise SystemExit(f"the contenders count differently: {sorted(counted)}")
    return turns
