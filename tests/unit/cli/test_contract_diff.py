"""`assay contracts diff` in a git repository, as people and CI call it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assay.cli.main import run

ORDERS = """apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer}
      - {name: price, logicalType: number}
    customProperties:
      - {property: deliveryMode, value: append}
"""
PRICE = "      - {name: price, logicalType: number}\n"
NOTE = 'customProperties:\n  - {property: migrationNotes, value: {2.0.0: "price is gone"}}\n'
FILE = "contracts/shop/orders.odcs.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of a repository, one contract committed and tagged `before`."""
    root = tmp_path / "platform"
    (root / "contracts" / "shop").mkdir(parents=True)
    (root / "dbt_project").mkdir()
    (root / FILE).write_text(ORDERS, encoding="utf-8")
    (root / "contracts" / "notes.odcs.yaml").write_text("not a contract", encoding="utf-8")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.test", "commit", "-q", "-m", "before"],
        ["tag", "before"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    monkeypatch.setenv("ASSAY_PROJECT", str(root))
    return root


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(run, ["contracts", "diff", *arguments])


def test_without_a_change_it_says_so(project: Path) -> None:
    result = diff("before")
    assert (result.exit_code, result.output) == (0, "No contract differs from before.\n")


def test_a_breaking_change_without_its_step_exits_with_1(project: Path) -> None:
    (project / FILE).write_text(ORDERS.replace(PRICE, ""), encoding="utf-8")
    result = diff("before")
    assert result.exit_code == 1
    assert result.output == (
        f"{FILE}  1.0.0 -> 1.0.0\n"
        "  meaning           line       change\n"
        "  ----------------  ---------  -------------------------\n"
        "  breaks consumers  10 before  column 'price' is removed\n"
        "  NOT SATISFIED: version is 1.0.0: these changes demand a major step, to 2.0.0\n\n"
        "1 contract changed since before: 1 contract has not made the step that the changes"
        " demand.\n"
    )


def test_with_its_step_and_a_note_it_passes(project: Path) -> None:
    text = ORDERS.replace(PRICE, "").replace("version: 1.0.0", "version: 2.0.0") + NOTE
    (project / FILE).write_text(text, encoding="utf-8")
    assert diff("before").exit_code == 0
    assert json.loads(diff("HEAD", "--format", "json").output) == {
        "revision": "HEAD",
        "satisfied": True,
        "contracts": [
            {
                "file": FILE,
                "old_version": "1.0.0",
                "new_version": "2.0.0",
                "demanded_step": "major",
                "demanded_version": "2.0.0",
                "satisfied": True,
                "problems": [],
                "changes": [
                    {
                        "what": "column 'price' is removed",
                        "line": 10,
                        "of": "old",
                        "breaks": ["consumers"],
                        "step": "major",
                    }
                ],
            }
        ],
    }


def test_a_removed_contract_exits_with_1(project: Path) -> None:
    (project / FILE).unlink()
    result = diff("before", "--format", "json")
    assert result.exit_code == 1
    (found,) = json.loads(result.output)["contracts"]
    assert (found["new_version"], found["changes"][0]["breaks"]) == (
        None,
        ["consumers", "producers"],
    )


@pytest.mark.parametrize("revision", ["nonsense", "--all"])
def test_an_unknown_revision_is_refused(project: Path, revision: str) -> None:
    result = diff("--", revision)
    assert result.exit_code != 0
    assert f"the contracts at the revision '{revision}' cannot be read" in result.output


def test_a_project_outside_git_is_refused(project: Path) -> None:
    subprocess.run(["rm", "-rf", str(project.parent / ".git")], check=True)
    assert "not a git repository" in diff("before").output
