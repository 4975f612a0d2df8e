"""Airflow in a process of its own, with the settings of `make up` and a home that is thrown away.

Importing Airflow writes to AIRFLOW_HOME and reads its settings once: never in the tests' process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow_settings import airflow_settings, environ_without_settings

ROOT = Path(__file__).resolve().parents[2]


def airflow_environ(home: Path, **changes: str) -> dict[str, str]:
    """Make the environment of an Airflow component; ``changes`` win over the settings."""
    environ = {**environ_without_settings(), "AIRFLOW_HOME": str(home), **changes}
    return {**environ, **airflow_settings(environ)}


def run_python(code: str, environ: Mapping[str, str], timeout: int = 300) -> Any:
    """Run code that writes JSON to the path in ``sys.argv[1]``; return what it wrote."""
    result = Path(environ["AIRFLOW_HOME"]) / "result.json"
    result.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", code, str(result)],
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return json.loads(result.read_text("utf-8"))
