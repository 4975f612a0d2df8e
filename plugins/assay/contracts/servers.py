"""From a contract's ``servers`` to the places where deliveries come from."""

from __future__ import annotations

from collections.abc import Iterable

from open_data_contract_standard.model import Server as OdcsServer

from assay.contracts.custom_properties import known_properties
from assay.contracts.place import Place
from assay.domain import Server
from assay.errors import ContractError

# What a server of each type says in customProperties.
_PROPERTIES = {
    "local": {"delimiter"},
    "postgres": {"table", "secret"},
    "postgresql": {"table", "secret"},
}


def read_servers(servers: Iterable[OdcsServer] | None, place: Place) -> tuple[Server, ...]:
    """Read a contract's servers. ``place`` is the contract's.

    Raises:
        ContractError: nothing can be fetched from one of them.
    """
    return tuple(
        _server(each, place.at("servers", position)) for position, each in enumerate(servers or ())
    )


def _server(odcs: OdcsServer, place: Place) -> Server:
    if odcs.type not in _PROPERTIES:
        raise ContractError(
            f"server '{odcs.server}' is of type '{odcs.type}': expected local or postgres",
            where=place.at("type"),
        )
    known = _PROPERTIES[odcs.type]
    custom = known_properties(odcs.customProperties, known, f"server '{odcs.server}'", place)
    if odcs.type == "local" and odcs.format not in (None, "csv"):
        raise ContractError(
            f"server '{odcs.server}' has files of the format '{odcs.format}': expected csv",
            where=place.at("format"),
            todo="deliver delimited text; the custom property delimiter says which",
        )
    port = str(odcs.port or 5432)
    if not port.isdigit():
        raise ContractError(f"port '{port}' is not a number", where=place.at("port"))
    if odcs.type != "local" and not custom.get("table"):
        raise ContractError(
            f"server '{odcs.server}' does not say which table is read",
            where=place,
            todo="give it the custom property table; `schema` is the server's own",
        )
    delimiter = odcs.delimiter or str(custom.get("delimiter", ","))
    if len(delimiter.encode()) != 1 or delimiter in '"\r\n\0':
        raise ContractError(
            f"server '{odcs.server}' has the delimiter {delimiter!r}: expected one ASCII"
            " character, no quote and no line break",
            where=place.at("customProperties", "delimiter", "value"),
        )
    return Server(
        name=odcs.server or "",
        environment=odcs.environment or "",
        kind="local" if odcs.type == "local" else "postgres",
        path=odcs.path or "",
        delimiter=delimiter,
        host=odcs.host or "",
        port=int(port),
        database=odcs.database or "",
        relation=f"{odcs.schema_ or 'public'}.{custom.get('table', '')}",
        secret=str(custom.get("secret", "")),
    )
