"""One rule of a contract in two versions: what its change is called, and whom it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.contracts.changes.change import Change, Direction, EntryPath, join, whom_breaks
from assay.domain import Severity

Document = Mapping[str, Any]
Identity = tuple[str, ...]
"""What makes a rule the same one in another version."""


def tell_nothing(old: Document, new: Document) -> str:
    """Leave it to the file to show what a rule was and is."""
    return ""


@dataclass(frozen=True)
class Rule:
    """One rule as it stands: ``content`` holds all that it says, ``path`` leads to it.

    ``severity`` is None where nothing checks it. ``direction`` tells how what it lets through
    changes from one content to another, and ``tell`` says what was changed. ``name`` is that of
    its check, where its identity is another. ``asks`` is what it compiles to, where that is
    known: rules that ask the same are the same, however they are written. Each row keeps an
    ``is_vacuous`` one.
    """

    title: str
    severity: Severity | None
    content: Document
    path: EntryPath
    direction: Callable[[Document, Document], Direction]
    tell: Callable[[Document, Document], str] = tell_nothing
    name: str = ""
    asks: object = None
    is_vacuous: bool = False

    @property
    def is_critical(self) -> bool:
        return self.severity is Severity.CRITICAL

    def direction_from(self, old: Rule) -> Direction:
        """Tell how what the rule lets through has changed since the old version."""
        if self.asks is not None and self.asks == old.asks:
            return Direction.SAME
        return self.direction(old.content, self.content)


def compare_rules(
    before: Mapping[Identity, Rule], after: Mapping[Identity, Rule]
) -> Iterator[Change]:
    """List the changes of rules, those of the old version first."""
    pairs = _pair(before, after)
    for identity, old in before.items():
        if identity in pairs:
            yield from _compare(old, after[pairs[identity]])
        else:
            yield _alone(old, "removed", Direction.LOOSER, is_old=True)
    taken = set(pairs.values())
    for identity, new in after.items():
        if identity not in taken:
            yield _alone(new, "added", Direction.TIGHTER)


def _alone(rule: Rule, how: str, way: Direction, *, is_old: bool = False) -> Change:
    return Change(
        f"{rule.title} is {how}",
        whom_breaks(way) if rule.is_critical and not rule.is_vacuous else (),
        is_text=rule.severity is None or rule.is_vacuous,
        path=rule.path,
        is_old=is_old,
    )


def _pair(
    before: Mapping[Identity, Rule], after: Mapping[Identity, Rule]
) -> dict[Identity, Identity]:
    """Find for each rule what it is in the new version, surest first.

    A rule is the same where it says the same under one name, then where it has the identity,
    then where it lets the same through under another name.
    """
    pairs: dict[Identity, Identity] = {}
    # With each way, how much of the identity has to be equal: of several rules without a name
    # its last part is only their order.
    for length, is_same in ((3, _says_the_same), (None, _is_any), (2, _lets_the_same_through)):
        taken = set(pairs.values())
        free: dict[Identity, list[Identity]] = {}
        for other in after:
            if other not in taken:
                free.setdefault(other[:length], []).append(other)
        for one, old in before.items():
            near = free.get(one[:length], []) if one not in pairs else []
            found = next((other for other in near if is_same(old, after[other])), None)
            if found is not None:
                pairs[one] = found
                near.remove(found)
    return pairs


def _says_the_same(old: Rule, new: Rule) -> bool:
    return old.content == new.content


def _is_any(old: Rule, new: Rule) -> bool:
    return True


def _lets_the_same_through(old: Rule, new: Rule) -> bool:
    # What nothing checks lets everything through: its name alone makes it the same.
    if old.severity is None or old.severity is not new.severity:
        return False
    return new.direction_from(old) is Direction.SAME


def _compare(old: Rule, new: Rule) -> Iterator[Change]:
    way = new.direction_from(old)
    settings = _changed_settings(old, new)
    if old.is_critical != new.is_critical:
        is_stopped = "critical now" if new.is_critical else "no longer critical"
        turn = Direction.TIGHTER if new.is_critical else Direction.LOOSER
        what = f"{new.title} is {is_stopped}"
        what += "" if way is Direction.SAME else f", and {way}{new.tell(old.content, new.content)}"
        yield Change(what, whom_breaks(join(way, turn)), path=new.path)
    elif way is not Direction.SAME:
        what = f"{new.title} is {way}{new.tell(old.content, new.content)}"
        yield Change(what, whom_breaks(way) if new.is_critical else (), path=new.path)
    elif settings:
        yield Change(f"{new.title}: {settings}", path=new.path)
    elif old.content != new.content:
        yield Change(f"{new.title}: its texts are changed", is_text=True, path=new.path)


def _changed_settings(old: Rule, new: Rule) -> str:
    """Tell what of a rule is changed that lets the same through and stops the same."""
    told = {
        "severity": (old.severity, new.severity),
        "name": (old.name or "not given", new.name or "not given"),
    }
    return "; ".join(
        f"its {what} is {now}, before it was {was}"
        for what, (was, now) in told.items()
        if was != now
    )
