"""What has changed in contracts, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from assay.cli.text_table import format_count, format_table, indent
from assay.contracts.changes import Change, ContractDiff, Step

_LEVELS = {Step.MINOR: "compatible", Step.PATCH: "text only"}


def tell_changes(diffs: Sequence[ContractDiff], revision: str) -> str:
    """Write what has changed, file by file, and what each file still lacks."""
    if not diffs:
        return f"No contract differs from {revision}."
    lacking = sum(bool(diff.problems) for diff in diffs)
    verdict = "each has the version that its changes demand"
    if lacking:
        verdict = f"{format_count(lacking, 'contract')} {'has' if lacking == 1 else 'have'} not"
        verdict += " made the step that the changes demand"
    paragraphs = [_tell(diff) for diff in diffs]
    counted = format_count(len(diffs), "contract")
    return "\n\n".join([*paragraphs, f"{counted} changed since {revision}: {verdict}."])


def describe_changes(diffs: Sequence[ContractDiff], revision: str) -> dict[str, object]:
    """Describe what has changed for programs."""
    return {
        "revision": revision,
        "satisfied": not any(diff.problems for diff in diffs),
        "contracts": [
            {
                "file": diff.file,
                "old_version": diff.old_version or None,
                "new_version": diff.new_version or None,
                "demanded_step": diff.step.name.lower(),
                "demanded_version": diff.demanded_version or None,
                "satisfied": not diff.problems,
                "problems": list(diff.problems),
                "changes": [
                    {
                        "what": change.what,
                        "line": change.line,
                        "of": "old" if change.is_old else "new",
                        "breaks": [party.value for party in change.breaks],
                        "step": change.step.name.lower(),
                    }
                    for change in diff.changes
                ],
            }
            for diff in diffs
        ],
    }


def _tell(diff: ContractDiff) -> str:
    versions = f"{diff.old_version or 'not there'} -> {diff.new_version or 'not there'}"
    rows = [(_verdict(change), _line(change), change.what) for change in diff.changes]
    lines = [f"{diff.file}  {versions}"]
    if rows:
        lines.append(indent(format_table(("meaning", "line", "change"), rows)))
    lines += [f"  NOT SATISFIED: {problem}" for problem in diff.problems]
    return "\n".join(lines)


def _line(change: Change) -> str:
    if change.line is None:
        return ""
    return f"{change.line} before" if change.is_old else str(change.line)


def _verdict(change: Change) -> str:
    if change.breaks:
        return f"breaks {' and '.join(change.breaks)}"
    return _LEVELS[change.step]
