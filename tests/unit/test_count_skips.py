"""CI counts skipped tests, and refuses those that it has no reason to skip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "count-skips"
NO_VAULT = "no real Vault: ASSAY_TEST_VAULT_ADDR is not set"
NO_POSTGRES = "no PostgreSQL binaries: run .ci/install-system-packages"


def count_skips(folder: Path, *cases: str) -> subprocess.CompletedProcess[str]:
    report = folder / "report.xml"
    tests = "".join(f'<testcase name="t">{case}</testcase>' for case in cases)
    report.write_text(f"<testsuites><testsuite>{tests}</testsuite></testsuites>")
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(report)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def skipped(reason: str, kind: str = "pytest.skip") -> str:
    return f'<skipped type="{kind}" message="{reason}"/>'


def test_known_skips_are_counted(tmp_path: Path) -> None:
    done = count_skips(tmp_path, "", *[skipped(NO_VAULT)] * 3)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"count-skips: 3 of 4 tests skipped: {NO_VAULT}\n"


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        (["", skipped(NO_POSTGRES)], f"1 skipped, at most 0 may be: {NO_POSTGRES}"),
        ([skipped(NO_VAULT)] * 4, f"4 skipped, at most 3 may be: {NO_VAULT}"),
        ([skipped("later", "pytest.xfail")], "1 skipped, at most 0 may be: later"),
        ([skipped("")], "1 skipped, at most 0 may be: no reason given"),
        ([], "holds no test"),
    ],
)
def test_other_skips_are_refused(tmp_path: Path, cases: list[str], message: str) -> None:
    done = count_skips(tmp_path, *cases)
    assert done.returncode == 1
    assert message in done.stderr
