"""Names and versions of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


class Layer(StrEnum):
    """Where a table stands on its way from landed text to published figures."""

    BRONZE = "bronze"
    SILVER = "silver"
    QUARANTINE = "quarantine"
    GOLD = "gold"


@dataclass(frozen=True, order=True)
class TableRef:
    """A table's name in the lake, such as ``gold.fct_flights``."""

    layer: Layer
    name: str

    def __str__(self) -> str:
        return f"{self.layer.value}.{self.name}"

    @property
    def suite(self) -> str:
        """The name of its suite: a quarantine shares its name with its silver table."""
        return f"quarantine_{self.name}" if self.layer is Layer.QUARANTINE else self.name

    @classmethod
    def parse(cls, text: str) -> TableRef:
        """Read ``layer.name``.

        Raises:
            ValueError: the layer is unknown or the name is not a lower-case identifier.
        """
        layer, _, name = text.partition(".")
        if layer not in {each.value for each in Layer} or not _IDENTIFIER.fullmatch(name):
            layers = ", ".join(each.value for each in Layer)
            raise ValueError(
                f"'{text}' is not a table name: expected <layer>.<name>, with a layer of {layers}"
                " and a name of lower-case letters, digits and underscores"
            )
        return cls(Layer(layer), name)


@dataclass(frozen=True, order=True)
class TableVersion:
    """One Delta version of one table."""

    table: TableRef
    version: int

    def __str__(self) -> str:
        return f"{self.table}@{self.version}"
