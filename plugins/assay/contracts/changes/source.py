"""One contract file at one moment: what it means, what it says, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.contracts.changes.change import EntryPath
from assay.contracts.document import load_document
from assay.contracts.place import Place
from assay.contracts.reader import path_in_project, read_contract_text
from assay.domain import Contract
from assay.errors import ContractError


@dataclass(frozen=True)
class ContractSource:
    """One contract file as it was: what it means and what it says, or why it cannot be read.

    ``place`` knows the line of each entry; None where the file is no YAML.
    """

    file: str
    contract: Contract | None
    document: Mapping[str, Any]
    place: Place | None = None
    error: str = ""
    error_line: int | None = None

    @property
    def version(self) -> str:
        return str(self.document.get("version") or "")

    @property
    def schema(self) -> Mapping[str, Any]:
        """The file's one table, as the standard writes it."""
        found: Mapping[str, Any] = (self.document.get("schema") or [{}])[0]
        return found

    def line_of(self, path: EntryPath) -> int | None:
        """Return the line of an entry, or of the nearest one that would hold it."""
        return self.place.at(*path).line if self.place and path else None


def read_source(file: Path, content: bytes) -> ContractSource:
    """Read one contract file's text as far as it can be read."""
    name = path_in_project(file)
    document: dict[str, Any] = {}
    place = None
    try:
        document, place = load_document(content, name)
        return ContractSource(name, read_contract_text(file, content), document, place)
    except ContractError as error:
        line = error.where.line if isinstance(error.where, Place) else None
        return ContractSource(name, None, document, place, error.what, line)
