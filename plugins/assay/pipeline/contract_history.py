"""A project's contracts as they were at a git revision, compared with those on the disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

from assay.contracts.changes import ContractDiff, ContractSource, compare_contracts, read_source
from assay.errors import ContractError
from assay.pipeline.project import Project

_PATTERN = "*/*.odcs.yaml"
_TIMEOUT_SECONDS = 60


def diff_contracts(project: Project, revision: str) -> tuple[ContractDiff, ...]:
    """Compare the contracts at a revision with the working tree; unchanged ones are left out.

    Raises:
        ContractError: the project is not in git, or git does not know the revision.
    """
    folder = project.settings.contracts_path
    now = [read_source(file, file.read_bytes()) for file in sorted(folder.glob(_PATTERN))]
    return compare_contracts(_read_at(folder, revision), now, project.clock().date())


def _read_at(folder: Path, revision: str) -> list[ContractSource]:
    root = folder.parent
    try:
        _git(root, "rev-parse", "--git-dir")
        commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
        name = commit.decode().strip()
        listed = _git(root, "ls-tree", "-r", "-z", "--name-only", name, "--", f"{folder.name}/")
        paths = [Path(each) for each in listed.decode().split("\0") if each]
        return [
            read_source(root / path, _git(root, "show", f"{name}:./{path.as_posix()}"))
            for path in paths
            if len(path.parts) == 3 and path.match(_PATTERN)
        ]
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise ContractError(
            f"the contracts at the revision '{revision}' cannot be read: {said}",
            where=str(folder),
            todo="name a commit, branch or tag that this clone has: `git fetch` brings others",
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ContractError(f"git cannot be asked: {error}", where=str(folder)) from error


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=True, timeout=_TIMEOUT_SECONDS)
    return done.stdout
