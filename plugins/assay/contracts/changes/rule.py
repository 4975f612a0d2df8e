"""One rule of a contract in two versions: what its change is called, and whom it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.contracts.changes.change import Change, Direction, EntryPath, join, whom_breaks

Document = Mapping[str, Any]
Identity = tuple[str, ...]
"""What makes a rule the same one in another version."""


def tell_nothing(old: Document, new: Document) -> str:
    """Leave it to the file to show what a rule was and is."""
    return ""


@dataclass(frozen=True)
class Rule:
    """One rule as it stands: ``content`` holds all that it says, ``path`` leads to it.

    ``direction`` tells how what it lets through changes from one content to another, and
    ``tell`` says what was changed.
    """

    title: str
    is_critical: bool
    content: Document
    path: EntryPath
    direction: Callable[[Document, Document], Direction]
    tell: Callable[[Document, Document], str] = tell_nothing


def compare_rules(
    before: Mapping[Identity, Rule], after: Mapping[Identity, Rule]
) -> Iterator[Change]:
    """List the changes of rules, those of the old version first."""
    for identity in [*before, *(each for each in after if each not in before)]:
        old, new = before.get(identity), after.get(identity)
        if old is not None and new is not None:
            yield from _compare(old, new)
        elif new is not None:
            broken = whom_breaks(Direction.TIGHTER) if new.is_critical else ()
            yield Change(f"{new.title} is added", broken, path=new.path)
        elif old is not None:
            broken = whom_breaks(Direction.LOOSER) if old.is_critical else ()
            yield Change(f"{old.title} is removed", broken, path=old.path, is_old=True)


def _compare(old: Rule, new: Rule) -> Iterator[Change]:
    if old.content == new.content:
        return
    way = new.direction(old.content, new.content)
    if old.is_critical != new.is_critical:
        is_stopped = "critical now" if new.is_critical else "no longer critical"
        turn = Direction.TIGHTER if new.is_critical else Direction.LOOSER
        what = f"{new.title} is {is_stopped}"
        what += "" if way is Direction.SAME else f", and {way}{new.tell(old.content, new.content)}"
        yield Change(what, whom_breaks(join(way, turn)), path=new.path)
    elif way is Direction.SAME and old.content.get("severity") != new.content.get("severity"):
        was, now = (each.content.get("severity", "not given") for each in (old, new))
        yield Change(f"{new.title}: its severity is {now}, before it was {was}", path=new.path)
    elif way is Direction.SAME:
        yield Change(f"{new.title}: its texts are changed", is_text=True, path=new.path)
    else:
        what = f"{new.title} is {way}{new.tell(old.content, new.content)}"
        yield Change(what, whom_breaks(way) if new.is_critical else (), path=new.path)
