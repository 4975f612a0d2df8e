"""From a contract's ``servers`` to the places where deliveries come from."""

from __future__ import annotations

from collections.abc import Iterable

from open_data_contract_standard.model import Server as OdcsServer

from assay.contracts.custom_properties import known_properties
from assay.contracts.place import Place
from assay.domain import Server
from assay.errors import ContractError


def read_servers(servers: Iterable[OdcsServer] | None, place: Place) -> tuple[Server, ...]:
    """Read a contract's servers. ``place`` is the contract's.

    Raises:
        ContractError: nothing can be fetched from one of them.
    """
    return tuple(
        _server(each, place.at("servers", position)) for position, each in enumerate(servers or ())
    )


def _server(odcs: OdcsServer, place: Place) -> Server:
    known = {"delimiter", "table", "secret"}
    custom = known_properties(odcs.customProperties, known, f"server '{odcs.server}'", place)
    if odcs.type not in ("local", "postgres", "postgresql"):
        raise ContractError(
            f"server '{odcs.server}' is of type '{odcs.type}': expected local or postgres",
            where=place.at("type"),
        )
    if odcs.type == "local" and odcs.format not in (None, "csv"):
        raise ContractError(
            f"server '{odcs.server}' has files of the format '{odcs.format}': expected csv",
            where=place.at("format"),
            todo="deliver delimited text; the custom property delimiter says which",
        )
    port = str(odcs.port or 5432)
    if not port.isdigit():
        raise ContractError(f"port '{port}' is not a number", where=place.at("port"))
    return Server(
        name=odcs.server or "",
        environment=odcs.environment or "",
        kind="local" if odcs.type == "local" else "postgres",
        path=odcs.path or "",
        delimiter=odcs.delimiter or str(custom.get("delimiter", ",")),
        host=odcs.host or "",
        port=int(port),
        database=odcs.database or "",
        relation=f"{odcs.schema_ or 'public'}.{custom.get('table', '')}",
        secret=str(custom.get("secret", "")),
    )
