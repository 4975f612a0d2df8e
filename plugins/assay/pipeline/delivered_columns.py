"""Which column of a delivery a contract's column is read from, also of one that landed long ago."""

from __future__ import annotations

from assay.domain import Contract, Load


def find_headers(load: Load, contract: Contract) -> tuple[str, ...]:
    """Return for each column of a contract the one of a delivery that it is read from.

    That is the header that the contract names now; where the delivery does not have it, the one
    that it was read from when it landed. Empty for a column that was not delivered then.
    """
    now = {c.name: c.physical_name for c in contract.columns if c.physical_name in load.columns}
    taken = {*now.values()}
    then = {
        name: header
        for header, name in zip(load.columns, load.names, strict=False)
        if header not in taken
    }
    return tuple((then | now).get(column.name, "") for column in contract.columns)
