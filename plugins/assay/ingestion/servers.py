"""Which of a contract's servers delivers."""

from __future__ import annotations

from assay.domain import Contract, Server
from assay.errors import ContractError


def choose_server(contract: Contract, environment: str) -> Server:
    """Return the server of this environment, else the only one that names no environment.

    Raises:
        ContractError: none fits, or more than one does.
    """
    named = [server for server in contract.servers if server.environment == environment]
    unnamed = [server for server in contract.servers if not server.environment]
    fitting = named or unnamed
    if len(fitting) == 1:
        return fitting[0]
    found = ", ".join(f"{s.name} ({s.environment or 'any environment'})" for s in contract.servers)
    problem = "no server" if not fitting else f"{len(fitting)} servers"
    raise ContractError(
        f"{contract.product}.{contract.table} has {problem} for environment '{environment}';"
        f" its servers are: {found or 'none'}",
        where=contract.path,
        todo="give exactly one entry of `servers` this `environment`, or set ASSAY_ENVIRONMENT to"
        " one that is listed",
    )
