"""The environment that `make up` gives to Airflow's components, for processes that tests start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SETTINGS = ("AIRFLOW", "ASSAY", "VAULT", "OPA", "DBT_", "GX_")
_PREPARE = """
import json, os, sys
from pathlib import Path
from environment import airflow_environment
from home import prepare_home
prepare_home(Path(os.environ["AIRFLOW_HOME"]), os.environ)
print(json.dumps(airflow_environment(os.environ)))
"""


def environ_without_settings() -> dict[str, str]:
    """Return this process's environment without what would change how anything runs."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}


def airflow_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Prepare the AIRFLOW_HOME of an environment; return the variables that it lacks."""
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE],
        cwd=ROOT / "deploy" / "airflow",
        env=dict(environ),
        capture_output=True,
        text=True,
        check=True,
    )
    settings: dict[str, str] = json.loads(done.stdout)
    return settings
