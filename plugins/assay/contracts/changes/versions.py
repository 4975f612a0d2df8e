"""The version step that a contract's changes demand, and whether it was made.

Source: Semantic Versioning 2.0.0, https://semver.org
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assay.contracts.changes.change import Step

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def demanded_version(old: str, step: Step) -> str:
    """Write the least version that follows ``old`` by this step; empty where it cannot be told."""
    version = _read(old)
    if version is None or step is Step.NONE:
        return ""
    major, minor, patch = version
    return {
        Step.MAJOR: f"{major + 1}.0.0",
        Step.MINOR: f"{major}.{minor + 1}.0",
        Step.PATCH: f"{major}.{minor}.{patch + 1}",
    }[step]


def find_problems(old: str, new: str, step: Step, notes: Mapping[str, str]) -> list[str]:
    """List what is wrong with the step from one version to the next; empty where nothing is.

    Args:
        step: what the contract's changes demand.
        notes: the migration notes of the new contract, by version.
    """
    if step is Step.NONE and old == new:
        return []
    before, after = _read(old), _read(new)
    if before is None or after is None:
        unread = new if after is None else old
        return [f"version '{unread}' is not of the form major.minor.patch, such as 1.2.0"]
    if after < before:
        return [f"version {new} is lower than {old}"]
    # A step is made where the part that it names has risen, or one before it.
    parts = {Step.MAJOR: 1, Step.MINOR: 2, Step.PATCH: 3, Step.NONE: 0}[step]
    if parts and after[:parts] <= before[:parts]:
        least = demanded_version(old, step)
        return [f"version is {new}: these changes demand a {step.name.lower()} step, to {least}"]
    if step is Step.MAJOR and not notes.get(new, "").strip():
        return [f"no migration note for {new}: write it as migrationNotes in customProperties"]
    return []


def _read(version: str) -> tuple[int, int, int] | None:
    found = _VERSION.fullmatch(version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None
