"""Releases: which table versions readers see. The only way to a new one is compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from assay.domain import LoadHold, Release, did_you_mean
from assay.errors import ReleaseConflict, ReleaseError
from assay.records import RecordTable


class ReleaseLedger:
    """The releases of a lake, in ``lake/_assay/releases``, and people's words on loads."""

    def __init__(self, lake: Path) -> None:
        self._releases = RecordTable(lake, "releases", Release)
        self._holds = RecordTable(lake, "load_holds", LoadHold)

    def all(self, product: str) -> list[Release]:
        """Return a product's releases, the oldest first."""
        return sorted(self._releases.read(product=product), key=lambda each: each.number)

    def everything(self) -> list[Release]:
        """Return every release of every product, by product and number."""
        return sorted(self._releases.read(), key=lambda each: (each.product, each.number))

    def current(self, product: str) -> Release | None:
        """Return a product's newest release, or None before the first."""
        releases = self.all(product)
        return releases[-1] if releases else None

    def current_of_all(self) -> dict[str, Release]:
        """Return the newest release of every product that has one."""
        return {release.product: release for release in self.everything()}

    def get(self, product: str, number: int) -> Release:
        """Return one release.

        Raises:
            ReleaseError: there is no such release.
        """
        releases = self.all(product)
        for release in releases:
            if release.number == number:
                return release
        if not releases:
            raise ReleaseError(
                f"the product '{product}' has no release",
                todo=did_you_mean(
                    product, self.current_of_all(), f"run it first: `assay run {product}`"
                ),
            )
        raise ReleaseError(
            f"the product '{product}' has no release {number}; it has 1 to {releases[-1].number}",
            todo=f"`assay releases {product}` lists them",
        )

    def publish(self, release: Release) -> None:
        """Publish a release on top of its base, unless another was published meanwhile.

        Raises:
            ReleaseConflict: the current release is no longer the base.
        """
        if release.number != release.base + 1:
            raise ReleaseError(f"release {release.number} cannot follow {release.base}")
        current = self.current(release.product)
        newest = current.number if current else 0
        if newest != release.base or not self._releases.insert_if_absent(
            release, ["product", "number"]
        ):
            raise ReleaseConflict(
                f"release {release.number} of {release.product} was not published: the run"
                f" started from release {release.base}, but the current one is another",
                where=f"run {release.run_id}",
                todo="start a new run: it begins from the current release; nothing is lost",
            )

    def hold(self, holds: list[LoadHold]) -> None:
        """Record people's words on loads; the last word on each load counts.

        A word comes after those before it, also where the clock was set back since.
        """
        before = {each.product: self.holds(each.product) for each in holds}
        self._holds.append([_after(before[each.product].get(each.load_id), each) for each in holds])

    def holds(self, product: str) -> dict[str, LoadHold]:
        """Return the last word on each load of a product, by load id."""
        found = sorted(self._holds.read(product=product), key=lambda each: each.at_utc)
        return {hold.load_id: hold for hold in found}


def _after(last: LoadHold | None, word: LoadHold) -> LoadHold:
    if last is None or last.at_utc < word.at_utc:
        return word
    return replace(word, at_utc=last.at_utc + timedelta(microseconds=1))
