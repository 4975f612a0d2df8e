"""What was delivered: the record of every load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from assay.domain import Load, LoadStatus
from assay.records import RecordTable


class LoadLedger:
    """The loads of a lake, in ``lake/_assay/loads``. Append-only; one record a delivery."""

    def __init__(self, lake: Path) -> None:
        self._records = RecordTable(lake, "loads", Load)

    def all(self, product: str) -> list[Load]:
        """Return a product's loads in order of landing."""
        return sorted(self._records.read(product=product), key=_sequence)

    def of_table(self, product: str, table: str) -> list[Load]:
        """Return one table's loads in order of landing."""
        return sorted(self._records.read(product=product, table=table), key=_sequence)

    def free_numbers(self, product: str) -> Iterator[int]:
        """Count up from the first number that no load of the product has.

        The caller holds the product's write lock as long as it takes numbers.
        """
        return count(max((_sequence(load) for load in self.all(product)), default=0) + 1)

    def record(self, load: Load) -> None:
        """Add a load. The caller holds the product's write lock."""
        self._records.append([load])


def make_load_id(product: str, number: int, sha256: str) -> str:
    """Make the id of a load: ``<product>-<number>-<hash>``."""
    return f"{product}-{number:06d}-{sha256[:8]}"


def _sequence(load: Load) -> int:
    return int(load.load_id.removeprefix(f"{load.product}-").split("-")[0])


def find_unanswered_refusals(loads: Sequence[Load]) -> list[Load]:
    """List refused loads of which the same source has not delivered a readable one since.

    Args:
        loads: one table's loads, in order of landing.
    """
    return [
        load
        for position, load in enumerate(loads)
        if load.status is LoadStatus.REFUSED
        and not any(
            later.status is LoadStatus.LANDED and later.source_name == load.source_name
            for later in loads[position + 1 :]
        )
    ]
