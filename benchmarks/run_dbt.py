"""Run all models of a dbt project from a fresh parse; print how many were built."""

from __future__ import annotations

import sys

from dbt.cli.main import dbtRunner

folder = sys.argv[1]
places = ["--project-dir", folder, "--profiles-dir", folder]
done = dbtRunner().invoke(["--quiet", "--no-partial-parse", "run", *places])
if not done.success:
    raise SystemExit(f"dbt failed: {done.exception or [r.message for r in done.result]}")
print(len(done.result.results))
