"""From a contract's ``servers`` to the places where deliveries come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from open_data_contract_standard.model import Server as OdcsServer

from assay.contracts.custom_properties import known_properties, read_text
from assay.contracts.place import Place
from assay.domain import Server
from assay.errors import ContractError

# What a server of each type says in customProperties.
_PROPERTIES = {
    "local": {"delimiter"},
    "postgres": {"table", "secret"},
    "postgresql": {"table", "secret"},
}
_VARIABLE = re.compile(r"\$\{\w+(:-[^}]*)?\}")
_NO_VARIABLES = "write the value itself; a server of another environment is another entry"


def read_servers(servers: Iterable[OdcsServer] | None, place: Place) -> tuple[Server, ...]:
    """Read a contract's servers. ``place`` is the contract's.

    Raises:
        ContractError: nothing can be fetched from one of them, or two have one name.
    """
    found = tuple(
        _server(each, place.at("servers", position)) for position, each in enumerate(servers or ())
    )
    known = [(server.name, server.environment) for server in found]
    for position, each in enumerate(known):
        if each in known[:position]:
            raise ContractError(
                f"servers named twice: {' of '.join(filter(None, each))}",
                where=place.at("servers", position),
                todo="name each once, or give each an environment of its own",
            )
    return found


def _server(odcs: OdcsServer, place: Place) -> Server:
    if odcs.type not in _PROPERTIES:
        raise ContractError(
            f"server '{odcs.server}' is of type '{odcs.type}': expected local or postgres",
            where=place.at("type"),
        )
    known = _PROPERTIES[odcs.type]
    custom = known_properties(odcs.customProperties, known, f"server '{odcs.server}'", place)
    _require_no_variables(odcs, custom, place)
    if odcs.type == "local" and odcs.format not in (None, "csv"):
        raise ContractError(
            f"server '{odcs.server}' has files of the format '{odcs.format}': expected csv",
            where=place.at("format"),
            todo="deliver delimited text; the custom property delimiter says which",
        )
    table = read_text(custom, "table", place)
    if odcs.type != "local" and not table:
        raise ContractError(
            f"server '{odcs.server}' does not say which table is read",
            where=place,
            todo="give it the custom property table; `schema` is the server's own",
        )
    delimiter = str(custom.get("delimiter", ","))
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
        port=_port(odcs, place),
        database=odcs.database or "",
        relation=f"{odcs.schema_ or 'public'}.{table}",
        secret=read_text(custom, "secret", place),
    )


def _require_no_variables(odcs: OdcsServer, custom: Mapping[str, Any], place: Place) -> None:
    """Refuse `${…}`, which the standard lets a tool resolve: as it stands it finds no delivery."""
    own = {name.rstrip("_"): value for name, value in odcs if name != "description"}
    for name, value in {**own, **custom}.items():
        if isinstance(value, str) and _VARIABLE.search(value):
            way = ("customProperties", name, "value") if name in custom else (name,)
            raise ContractError(
                f"server '{odcs.server}' has the {name} {value!r}: a contract has no variables",
                where=place.at(*way),
                todo=_NO_VARIABLES,
            )


def _port(odcs: OdcsServer, place: Place) -> int:
    written = 5432 if odcs.port is None else odcs.port
    number = int(written) if re.fullmatch("[0-9]+", str(written)) else 0
    if not 0 < number < 65536:
        raise ContractError(
            f"server '{odcs.server}' has the port {written!r}: expected a number from 1 to 65535",
            where=place.at("port"),
            todo=_NO_VARIABLES,
        )
    return number
