"""Where a table's rows come from, what a delivery does to them, and where they lie."""

from __future__ import annotations

from assay.contracts.pages.markdown import Block, blocks, code, heading, plain, table
from assay.domain import Contract, DeliveryMode, Layer, Server

_MODES = {
    DeliveryMode.APPEND: "rows are added; rows that are there stay as they are",
    DeliveryMode.UPSERT: "a row replaces the row with its key; rows with new keys are added",
    DeliveryMode.SNAPSHOT: "a delivery is the whole table; the rows before it go",
}


def whereabouts(contract: Contract, level: int) -> Block:
    """Write which tables of the lake a contract covers, and how to read them."""
    title = heading(level, "Where it is")
    if contract.layer is Layer.GOLD:
        name = str(contract.main_table)
        return blocks(title, [f"In {code(name)}. To look at it: {_query(name)}."])
    rows = [
        (code(str(contract.bronze)), "every delivered row, as text"),
        (code(str(contract.silver)), "the accepted rows, typed"),
        (code(str(contract.quarantine)), "the rows that broke a rule, as text"),
    ]
    look = (
        f"To look at the accepted rows: {_query(str(contract.silver))}; at those that broke a rule:"
        f" {code(f'assay quarantine list {contract.product}.{contract.table}')}."
    )
    return blocks(title, table(("table", "what is in it"), rows), [look])


def deliveries(contract: Contract, level: int) -> Block:
    """Write where a landed table's deliveries come from and what they mean for earlier rows."""
    if contract.mode is None:
        return []
    order = (
        f" Of rows with one key the one with the highest {code(contract.ordering_column)} stands."
        if contract.ordering_column
        else ""
    )
    said = f"{contract.mode.value.capitalize()}: {_MODES[contract.mode]}.{order}"
    source = f"The source is {code(contract.source)}."
    rows = [
        (plain(each.name), plain(each.environment) or "any", _origin(each))
        for each in contract.servers
    ]
    servers = table(("server", "environment", "where"), rows)
    return blocks(heading(level, "Deliveries"), [f"{said} {source}"], servers)


def _origin(server: Server) -> str:
    if server.kind == "local":
        return f"files {code(server.path)}, values parted by {_delimiter(server.delimiter)}"
    place = f"{server.host}:{server.port}/{server.database}"
    return f"relation {code(server.relation)} of the PostgreSQL database {code(place)}"


def _delimiter(text: str) -> str:
    return "a tab" if text == "\t" else code(text)


def _query(table_name: str) -> str:
    return code(f'assay sql "from {table_name} limit 10"')
