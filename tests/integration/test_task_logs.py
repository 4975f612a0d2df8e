"""What the tasks of a run that went well write to their logs: all that a person should look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from small_product import SmallProduct

from airflow_settings import airflow_settings

_RUN_STAGES = """
import json, logging, sys
from pathlib import Path
from assay.airflow.stage_operator import _STAGES
from assay.config import read_settings
from assay.domain import Stage
from assay.pipeline import open_project, start_run

lines = []

class Kept(logging.Handler):
    def emit(self, record):
        lines.append([stage.value, record.levelname, record.getMessage()])

log = logging.getLogger("assay.airflow.run_log")
log.disabled = False
log.setLevel(logging.INFO)
log.addHandler(Kept())
project = open_project(read_settings())
start_run(project, "shop", "logged")
for stage in Stage:
    if stage not in (Stage.LAND, Stage.DELIVERIES):
        _STAGES[stage](project, "logged", None)
Path(sys.argv[1]).write_text(json.dumps(lines))
"""


def test_a_run_that_went_well_logs_its_warnings_and_its_summary(
    shop: SmallProduct, tmp_path: Path
) -> None:
    shop.deliver("orders", "b.csv", "order,item,price\n3,car,5000\n4,pen,-1\n", 1)
    shop.deliver("prices", "b.csv", "", 1)
    found = _run(tmp_path)
    version = shop.project.releases.current("shop").tables  # type: ignore[union-attr]
    silver, gold = version["silver.shop__orders"], version["gold.fct_orders"]
    warned = (
        f"check_warned run=logged table=silver.shop__orders version={silver} check=cheap column="
        " severity=warning found: 1 of 3 rows unexpected (33.33 %)"
    )
    assert [line for line in found if line[0] != "publish"] == [["audit_silver", "WARNING", warned]]
    published = [line[1:] for line in found if line[0] == "publish"]
    (load,) = shop.project.loads.of_table("shop", "prices")[1:]
    assert published[0][0] == "INFO"
    assert published[0][1].startswith("run_released run=logged product=shop release=2 passed=")
    assert published[0][1].endswith(" warned=1")
    released = f"table_released run=logged table=gold.fct_orders version={gold} rows=3"
    assert ["INFO", released] in published
    assert [line for line in published if line[0] == "WARNING"] == [
        ["WARNING", warned],
        [
            "WARNING",
            "rows_quarantined run=logged table=quarantine.shop__orders rows=1"
            " rules: price_minimum 1",
        ],
        ["WARNING", f"load_waiting run=logged load={load.load_id} {load.reason}"],
    ]


def _run(folder: Path) -> list[list[str]]:
    """Airflow is imported by a process of its own: importing it writes to its home."""
    environ = {**os.environ, "AIRFLOW_HOME": str(folder)}
    result = folder / "lines.json"
    done = subprocess.run(
        [sys.executable, "-c", _RUN_STAGES, str(result)],
        env={**environ, **airflow_settings(environ)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    lines: list[list[str]] = json.loads(result.read_text("utf-8"))
    return lines
