"""How what a limit lets through changes from one version to another."""

from __future__ import annotations

from collections.abc import Sequence

from assay.contracts.changes.change import Direction
from assay.contracts.limits import Interval


def compare_limits(old: Sequence[Interval] | None, new: Sequence[Interval] | None) -> Direction:
    """Tell how what is let through has changed."""
    if old is None or new is None:
        return Direction.SAME if old == new else Direction.OTHER
    return direction(is_within(new, old), is_within(old, new))


def direction(new_in_old: bool, old_in_new: bool) -> Direction:
    """Tell the direction from which of the two holds the other."""
    if new_in_old and old_in_new:
        return Direction.SAME
    if new_in_old:
        return Direction.TIGHTER
    return Direction.LOOSER if old_in_new else Direction.OTHER


def is_within(inner: Sequence[Interval], outer: Sequence[Interval]) -> bool:
    """Tell whether each of the one's intervals lies in one of the other's, which are apart."""
    return all(any(each.holds(one) for each in outer) for one in inner)
