"""What one change of a contract means, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum


class Party(StrEnum):
    """Whose work a change can break: who reads the table, or who delivers it."""

    CONSUMERS = "consumers"
    PRODUCERS = "producers"


class Step(IntEnum):
    """Which part of a version ``major.minor.patch`` has to rise."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


class Direction(StrEnum):
    """How what a rule lets through has changed."""

    SAME = "same"
    TIGHTER = "tightened"
    LOOSER = "loosened"
    OTHER = "changed"


EntryPath = tuple[str | int, ...]
"""The way to an entry of a contract file: keys, and in lists names or positions."""
SCHEMA: EntryPath = ("schema", 0)
BOTH = (Party.CONSUMERS, Party.PRODUCERS)
_BREAKS: dict[Direction, tuple[Party, ...]] = {
    Direction.SAME: (),
    Direction.TIGHTER: (Party.PRODUCERS,),
    Direction.LOOSER: (Party.CONSUMERS,),
    Direction.OTHER: BOTH,
}


@dataclass(frozen=True)
class Change:
    """One difference between two versions of a contract.

    ``is_text`` says that nothing that is checked, stored or delivered follows from it. ``path``
    leads to its entry in the new file, or in the old one where it is gone (``is_old``), and
    ``line`` is that entry's line there.
    """

    what: str
    breaks: tuple[Party, ...] = ()
    is_text: bool = False
    path: EntryPath = ()
    is_old: bool = False
    line: int | None = None

    @property
    def step(self) -> Step:
        """The step of the version that the change demands by itself."""
        if self.breaks:
            return Step.MAJOR
        return Step.PATCH if self.is_text else Step.MINOR

    def without(self, party: Party) -> Change:
        """The same change, where that party does not exist."""
        return replace(self, breaks=tuple(each for each in self.breaks if each is not party))


def whom_breaks(direction: Direction) -> tuple[Party, ...]:
    """Say whose work a rule's change breaks.

    What is tightened turns away rows that producers deliver in good faith; what is loosened
    lets rows through that consumers were promised not to see.
    """
    return _BREAKS[direction]


def join(one: Direction, other: Direction) -> Direction:
    """The direction of two changes of one rule together."""
    if one is other or other is Direction.SAME:
        return one
    return other if one is Direction.SAME else Direction.OTHER
