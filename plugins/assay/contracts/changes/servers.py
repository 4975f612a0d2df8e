"""Changes of where a table's deliveries come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay.contracts.changes.change import Change, EntryPath, Party
from assay.contracts.changes.source import ContractSource
from assay.domain import Contract, Server

# What a change of a server is called; the first are what a producer sees of it.
_SEEN = {
    "kind": "type",
    "path": "path",
    "delimiter": "delimiter",
    "host": "host",
    "port": "port",
    "database": "database",
    "relation": "relation",
}
_OWN = {"secret": "secret"}


@dataclass(frozen=True)
class _Entry:
    server: Server
    written: Mapping[str, Any]
    path: EntryPath


def server_changes(
    old: ContractSource, new: ContractSource, before: Contract, after: Contract
) -> Iterator[Change]:
    """List the changes of servers, which are known by their name and environment."""
    entries, others = _entries(old, before), _entries(new, after)
    for key in [*entries, *(each for each in others if each not in entries)]:
        one, other = entries.get(key), others.get(key)
        if one is None and other is not None:
            yield Change(f"{_title(other)} is added", path=other.path)
        elif one is not None and other is None:
            what = f"{_title(one)} is removed"
            yield Change(what, (Party.PRODUCERS,), path=one.path, is_old=True)
        elif one is not None and other is not None and one.written != other.written:
            yield _compare(one, other)


def _entries(source: ContractSource, contract: Contract) -> dict[tuple[str, str], _Entry]:
    written = source.document.get("servers") or ()
    return {
        (server.name, server.environment): _Entry(server, entry, ("servers", position))
        for position, (server, entry) in enumerate(zip(contract.servers, written, strict=True))
    }


def _title(entry: _Entry) -> str:
    of = f" of {entry.server.environment}" if entry.server.environment else ""
    return f"the server '{entry.server.name}'{of}"


def _compare(old: _Entry, new: _Entry) -> Change:
    differing = {
        field: word
        for field, word in (_SEEN | _OWN).items()
        if getattr(old.server, field) != getattr(new.server, field)
    }
    if not differing:
        return Change(f"{_title(new)}: its texts are changed", is_text=True, path=new.path)
    told = [
        f"its {word} is {_show(new.server, field)}, before it was {_show(old.server, field)}"
        for field, word in differing.items()
    ]
    broken = (Party.PRODUCERS,) if differing.keys() & _SEEN.keys() else ()
    return Change(f"{_title(new)}: {'; '.join(told)}", broken, path=new.path)


def _show(server: Server, field: str) -> str:
    return (
        repr(getattr(server, field))
        if field == "delimiter"
        else str(getattr(server, field) or "none")
    )
