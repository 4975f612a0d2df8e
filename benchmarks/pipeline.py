"""Assay's pipeline without Airflow: land, build, audit, gate and publish in one process.

Prints one JSON line a run: the seconds of each stage and the rows in the release.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise

from assay.config import read_settings
from assay.domain import Stage
from assay.pipeline import check_deliveries, open_project, run_product


def main() -> None:
    """Run the product that ASSAY_DELIVERIES holds into ASSAY_LAKE."""
    print(json.dumps(run_once()), flush=True)


def run_once() -> dict[str, object]:
    """Run once; return the seconds of each stage and the rows of the fact table."""
    marks: list[tuple[str, float, float]] = []

    def mark(stage: Stage | None) -> None:
        marks.append((stage.value if stage else "end", time.perf_counter(), time.process_time()))

    project = open_project(read_settings())
    outcome = run_product(project, "flights", progress=mark)
    if outcome.release:
        mark(Stage.DELIVERIES)
        check_deliveries(project, outcome.run_id)
    mark(None)
    pairs = list(pairwise(marks))
    return {
        "rows": outcome.release.rows["gold.fct_flights"] if outcome.release else 0,
        "wall": {name: after[1] - began for (name, began, _), after in pairs},
        "cpu": {name: after[2] - began for (name, _, began), after in pairs},
    }


if __name__ == "__main__":
    if "--each-line" in sys.argv:
        for _ in sys.stdin:
            main()
    else:
        main()
