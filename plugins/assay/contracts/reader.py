"""Reads ODCS files into contracts.

Source: Open Data Contract Standard v3, https://bitol-io.github.io/open-data-contract-standard/
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from open_data_contract_standard.model import (
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)
from open_data_contract_standard.model import Server as OdcsServer

from assay.contracts.column_options import column_rules
from assay.contracts.custom_properties import (
    is_identifier,
    known_properties,
    read_delivery_mode,
    read_final_line_break,
    read_layer,
    read_max_quarantined_share,
    read_null_texts,
    read_schema_properties,
    read_source,
    require_identifier,
)
from assay.contracts.document import load_document
from assay.contracts.rules import schema_rules
from assay.contracts.service import (
    read_end_of_support,
    read_migration_notes,
    read_service_levels,
)
from assay.contracts.slas import read_slas
from assay.contracts.types import data_type
from assay.contracts.watching import read_watch
from assay.domain import Column, Contract, DeliveryMode, Layer, Server, TableRef
from assay.errors import ContractError


def read_contracts(folder: Path, product: str) -> tuple[Contract, ...]:
    """Read all contracts of a product, sorted by table.

    Raises:
        ContractError: there is none, one cannot be read, or another product has a table of
            the same name; names file and place.
    """
    files = sorted((folder / product).glob("*.odcs.yaml"))
    if not files:
        raise ContractError(
            f"the product '{product}' has no contract",
            where=f"{folder.name}/{product}/",
            todo=f"write one, or start from `assay new product {product}`; "
            f"products with contracts: {', '.join(list_products(folder)) or 'none'}",
        )
    contracts = tuple(sorted((read_contract(file) for file in files), key=lambda c: c.table))
    _require_own_names(folder, contracts)
    return contracts


def list_products(folder: Path) -> tuple[str, ...]:
    """Name the products that have at least one contract."""
    return tuple(sorted({file.parent.name for file in folder.glob("*/*.odcs.yaml")}))


def read_contract(file: Path) -> Contract:
    """Read one ODCS file; its folder's name is the product, its own the table.

    Raises:
        ContractError: it is not YAML, not ODCS, or says what cannot be compiled.
    """
    return read_contract_text(file, file.read_bytes())


@lru_cache(maxsize=1024)
def read_contract_text(file: Path, content: bytes) -> Contract:
    """Read a contract as its file would say it; as `read_contract`, whatever is on the disk.

    Kept by its bytes: a run asks for it at every stage.
    """
    document = load_document(content, _place(file))
    try:
        odcs = OpenDataContractStandard(**document)
    except ValueError as error:
        raise ContractError(f"not an ODCS contract: {error}", where=_place(file)) from error
    return _build(odcs, file)


def _build(odcs: OpenDataContractStandard, file: Path) -> Contract:
    product, table = file.parent.name, file.name.removesuffix(".odcs.yaml")
    entity = _only_schema(odcs, file, table)
    custom = read_schema_properties(entity.customProperties, _place(file))
    for name in (product, table):
        require_identifier(name, "a product and a table", _place(file))
    layer = read_layer(custom, _place(file))
    columns = _columns(entity, file)
    _refuse_relationships(entity, file)
    named = {column.name: column for column in columns}
    mode = read_delivery_mode(custom, layer, _place(file))
    options = [
        rule
        for each, column in zip(entity.properties or [], columns, strict=True)
        for rule in column_rules(each, column.data_type, _place(file))
    ]
    rules = schema_rules(entity, _place(file))
    contract = Contract(
        product=product,
        table=table,
        layer=layer,
        version=odcs.version or "",
        owner=_owner(odcs),
        description=(entity.description or "").strip(),
        grain=(entity.dataGranularityDescription or "").strip(),
        columns=columns,
        path=_place(file),
        row_rules=(*options, *rules.row_rules),
        table_rules=rules.table_rules,
        mode=mode,
        ordering_column=str(custom.get("orderingColumn", "")),
        source=read_source(custom, product, _place(file)),
        null_texts=read_null_texts(custom, _place(file)),
        is_final_line_break_optional=read_final_line_break(custom, _place(file)) == "optional",
        max_quarantined_share=read_max_quarantined_share(custom, _place(file)),
        servers=tuple(_server(each, file) for each in odcs.servers or []),
        tags=tuple(odcs.tags or ()),
        status=odcs.status or "",
        service_levels=read_service_levels(odcs),
        end_of_support=read_end_of_support(odcs, _place(file)),
        slas=read_slas(odcs.slaProperties, table, layer, named, _place(file)),
        watch=read_watch(custom.get("watch"), named, _place(file)),
        migration_notes=read_migration_notes(odcs, _place(file)),
    )
    _check_whole(contract)
    return contract


def _only_schema(odcs: OpenDataContractStandard, file: Path, table: str) -> SchemaObject:
    entities = odcs.schema_ or []
    if len(entities) != 1 or entities[0].name != table:
        names = ", ".join(str(each.name) for each in entities) or "none"
        raise ContractError(
            f"expected exactly one schema, named '{table}' as the file is; found: {names}",
            where=_place(file),
            todo="keep one table a file and name the file <table>.odcs.yaml",
        )
    return entities[0]


def _columns(entity: SchemaObject, file: Path) -> tuple[Column, ...]:
    columns = tuple(_column(each, file) for each in entity.properties or [])
    names = [column.name for column in columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if not columns or repeated:
        raise ContractError(
            f"columns named twice: {', '.join(repeated)}" if repeated else "no columns",
            where=_place(file),
            todo="list each column once under the schema's properties",
        )
    _require_key_positions(entity.properties or [], file)
    return columns


def _refuse_relationships(entity: SchemaObject, file: Path) -> None:
    """Nothing that a contract says is dropped: what is not checked is not taken."""
    holders = [each.name for each in (entity, *(entity.properties or [])) if each.relationships]
    if holders:
        raise ContractError(
            f"relationships are not compiled: {', '.join(map(str, holders))}",
            where=_place(file),
            todo="state them as dbt `relationships` tests in a YAML file beside the model: they"
            " run in the table's audit",
        )


def _require_key_positions(properties: Sequence[SchemaProperty], file: Path) -> None:
    keyed = [each for each in properties if each.primaryKey]
    given = {str(each.name): each.primaryKeyPosition for each in properties}
    stray = [
        name
        for name, position in given.items()
        if position not in (None, -1) and name not in {each.name for each in keyed}
    ]
    positions = sorted(-1 if given[str(e.name)] is None else given[str(e.name)] or 0 for e in keyed)
    if stray or positions not in ([-1], list(range(1, len(keyed) + 1))):
        found = ", ".join(f"{name} {given[name]}" for name in stray or [str(e.name) for e in keyed])
        raise ContractError(
            f"primaryKeyPosition without primaryKey: {found}"
            if stray
            else f"the key's columns have the primaryKeyPosition {found}:"
            f" expected each of 1 to {len(keyed)} once",
            where=_place(file),
            todo="mark each key column with `primaryKey: true` and number them from 1",
        )


def _column(odcs: SchemaProperty, file: Path) -> Column:
    name = odcs.name or ""
    if not is_identifier(name):
        raise ContractError(
            f"{name!r} cannot name a column: expected lower-case letters, digits and underscores,"
            " starting with a letter",
            where=_place(file),
            todo="give the source's own name as physicalName",
        )
    custom = known_properties(
        odcs.customProperties, {"personalData"}, f"column '{name}'", _place(file)
    )
    is_personal = custom.get("personalData", False)
    if not isinstance(is_personal, bool):
        raise ContractError(
            f"personalData of column '{name}' is {is_personal!r}: expected true or false",
            where=_place(file),
        )
    position = odcs.primaryKeyPosition
    return Column(
        name=name,
        physical_name=odcs.physicalName or name,
        data_type=data_type(odcs, _place(file)),
        logical_type=odcs.logicalType or "string",
        description=(odcs.description or "").strip(),
        required=bool(odcs.required) or bool(odcs.primaryKey),
        unique=bool(odcs.unique),
        key_position=(position if position and position > 0 else 1) if odcs.primaryKey else None,
        classification=odcs.classification or "",
        personal_data=is_personal,
    )


def _server(odcs: OdcsServer, file: Path) -> Server:
    custom = known_properties(
        odcs.customProperties,
        {"delimiter", "table", "secret"},
        f"server '{odcs.server}'",
        _place(file),
    )
    if odcs.type not in ("local", "postgres", "postgresql"):
        raise ContractError(
            f"server '{odcs.server}' is of type '{odcs.type}': expected local or postgres",
            where=_place(file),
        )
    if odcs.type == "local" and odcs.format not in (None, "csv"):
        raise ContractError(
            f"server '{odcs.server}' has files of the format '{odcs.format}': expected csv",
            where=_place(file),
            todo="deliver delimited text; the custom property delimiter says which",
        )
    port = str(odcs.port or 5432)
    if not port.isdigit():
        raise ContractError(f"port '{port}' is not a number", where=_place(file))
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


def _owner(odcs: OpenDataContractStandard) -> str:
    team = odcs.team
    if team is None:
        return ""
    if isinstance(team, list):
        owners = [m for m in team if (m.role or "").lower() == "owner"]
        return next((m.name or m.username or "" for m in owners or team), "")
    return team.name or ""


def _check_whole(contract: Contract) -> None:
    names = {column.name for column in contract.columns}
    if contract.ordering_column and contract.ordering_column not in names:
        raise ContractError(
            f"orderingColumn '{contract.ordering_column}' is not a column",
            where=contract.path,
        )
    if contract.mode is DeliveryMode.UPSERT and not contract.key:
        raise ContractError(
            "deliveryMode upsert needs a primary key: rows replace rows with equal keys",
            where=contract.path,
            todo="mark the key's columns with `primaryKey: true` and `primaryKeyPosition`",
        )
    if contract.ordering_column and contract.mode is not DeliveryMode.UPSERT:
        raise ContractError(
            f"orderingColumn means something for upserts only, not for {contract.mode}",
            where=contract.path,
            todo="leave it out, or say `deliveryMode: upsert`",
        )
    _require_distinct_rules(contract)


def _require_distinct_rules(contract: Contract) -> None:
    """Quarantined rows carry a rule's name: no two rules may share one."""
    names = [rule.name for rule in contract.row_rules]
    names += [rule.name for rule in contract.table_rules]
    names += [
        f"{column.name}_{kind}" for column in contract.columns for kind in ("type", "required")
    ]
    names.append("key_conflict")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ContractError(
            f"rules named twice: {', '.join(repeated)}",
            where=contract.path,
            todo="name each rule once; <column>_type, <column>_required, key_conflict and the"
            " names of the columns' options are taken",
        )


def _require_own_names(folder: Path, contracts: Sequence[Contract]) -> None:
    """Table names are unique in a project: another product may not have one of these."""
    product = contracts[0].product
    others = [other for other in list_products(folder) if other != product]
    theirs = {
        table: contract
        for other in others
        for file in sorted((folder / other).glob("*.odcs.yaml"))
        for contract in _readable(file)
        for table in _tables(contract)
    }
    for contract in contracts:
        for table in _tables(contract):
            if table in theirs:
                raise ContractError(
                    f"the table {table} is also one of the product '{theirs[table].product}'",
                    where=f"{contract.path} and {theirs[table].path}",
                    todo="name one of them otherwise: table names are unique in a project",
                )


def _readable(file: Path) -> list[Contract]:
    """Read another product's contract; one that cannot be read is that product's concern."""
    try:
        return [read_contract(file)]
    except ContractError:
        return []


def _tables(contract: Contract) -> tuple[TableRef, ...]:
    if contract.layer is Layer.GOLD:
        return (TableRef(Layer.GOLD, contract.table),)
    return (contract.bronze, contract.silver, contract.quarantine)


def _place(file: Path) -> str:
    return "/".join(file.parts[-3:])
