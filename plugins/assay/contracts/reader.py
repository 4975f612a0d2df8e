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
    Team,
    TeamMember,
)
from pydantic import ValidationError

from assay.contracts.columns import read_columns
from assay.contracts.custom_properties import (
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
from assay.contracts.end_of_support import read_end_of_support, read_migration_notes
from assay.contracts.for_people import read_for_people
from assay.contracts.linking import link_contracts
from assay.contracts.place import Place
from assay.contracts.references import read_references
from assay.contracts.rules import read_rules
from assay.contracts.servers import read_servers
from assay.contracts.slas import read_service_levels
from assay.contracts.unheeded import refuse_unheeded
from assay.contracts.watching import read_watch
from assay.domain import Contract, DeliveryMode, Layer, TableRef, did_you_mean
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
            todo=f"write one, or start from `assay new product {product}`;"
            f" {did_you_mean(product, list_products(folder))}",
        )
    contracts = tuple(sorted((read_contract(file) for file in files), key=lambda c: c.table))
    _require_own_names(folder, contracts)
    return link_contracts(folder, contracts, read_contract)


def list_products(folder: Path) -> tuple[str, ...]:
    """Name the products that have at least one contract."""
    return tuple(sorted({file.parent.name for file in folder.glob("*/*.odcs.yaml")}))


def read_contract(file: Path) -> Contract:
    """Read one ODCS file; its folder's name is the product, its own the table.

    Raises:
        ContractError: it is not YAML, not ODCS, or says what cannot be compiled.
    """
    return read_contract_text(file, file.read_bytes())


def path_in_project(file: Path) -> str:
    """Write a contract file's path as errors and reports name it, wherever the project lies."""
    return "/".join(file.parts[-3:])


@lru_cache(maxsize=1024)
def read_contract_text(file: Path, content: bytes) -> Contract:
    """Read a contract as its file would say it; as `read_contract`, whatever is on the disk.

    Kept by its bytes: a run asks for it at every stage.
    """
    document, place = load_document(content, path_in_project(file))
    try:
        odcs = OpenDataContractStandard(**document)
    except ValidationError as error:
        first = error.errors()[0]
        raise ContractError(
            f"not an ODCS contract: {first['msg']}, found {first['input']!r}",
            where=place.at(*first["loc"]),
            todo="put a text that looks like a day or a number in quotes",
        ) from error
    return _build(odcs, file, place)


def _build(odcs: OpenDataContractStandard, file: Path, place: Place) -> Contract:
    product, table = file.parent.name, file.name.removesuffix(".odcs.yaml")
    entity, schema = _only_schema(odcs, table, place), place.at("schema", 0)
    refuse_unheeded(odcs, place)
    custom = read_schema_properties(entity.customProperties, schema)
    for name in (product, table):
        require_identifier(name, "a product and a table", schema.at("name"))
    layer = read_layer(custom, schema)
    columns = read_columns(entity, schema)
    named = {column.name: column for column in columns}
    mode = read_delivery_mode(custom, layer, schema)
    null_texts = read_null_texts(custom, schema) if layer is not Layer.GOLD else ()
    rules = read_rules(entity, columns, null_texts, schema)
    contract = Contract(
        product=product,
        table=table,
        layer=layer,
        version=odcs.version or "",
        owner=_owner(odcs),
        description=(entity.description or "").strip(),
        grain=(entity.dataGranularityDescription or "").strip(),
        columns=columns,
        path=path_in_project(file),
        row_rules=rules.row_rules,
        table_rules=rules.table_rules,
        mode=mode,
        ordering_column=str(custom.get("orderingColumn", "")),
        source=read_source(custom, product, schema),
        null_texts=null_texts,
        is_final_line_break_optional=read_final_line_break(custom, schema) == "optional",
        max_quarantined_share=read_max_quarantined_share(custom, schema),
        servers=read_servers(odcs.servers, place),
        tags=tuple(odcs.tags or ()),
        status=odcs.status or "",
        service_levels=read_service_levels(odcs.slaProperties, table, layer, named, place),
        end_of_support=read_end_of_support(odcs, place),
        watch=read_watch(
            custom.get("watch"), named, schema.at("customProperties", "watch", "value")
        ),
        migration_notes=read_migration_notes(odcs, place),
        references=read_references(entity, rules.names, schema),
        schema_id=entity.id or "",
        for_people=read_for_people(odcs, entity),
    )
    _require_ordering(contract, schema)
    _require_no_doubling(contract, place)
    return contract


def _only_schema(odcs: OpenDataContractStandard, table: str, place: Place) -> SchemaObject:
    entities = odcs.schema_ or []
    if len(entities) != 1 or entities[0].name != table:
        names = ", ".join(str(each.name) for each in entities) or "none"
        raise ContractError(
            f"expected exactly one schema, named '{table}' as the file is; found: {names}",
            where=place.at("schema", 0, "name") if len(entities) == 1 else place.at("schema", 1),
            todo="keep one table a file and name the file <table>.odcs.yaml",
        )
    return entities[0]


def _owner(odcs: OpenDataContractStandard) -> str:
    """Return the team's name, or else its member who is the owner and has not left."""
    team = odcs.team
    if isinstance(team, Team) and team.name:
        return str(team.name)
    members: list[TeamMember] = (team.members if isinstance(team, Team) else team) or []
    owners = [each for each in members if (each.role or "").lower() == "owner"]
    present = [each for each in owners if not each.dateOut]
    return next((str(each.name or each.username or "") for each in [*present, *owners]), "")


def _require_ordering(contract: Contract, place: Place) -> None:
    """Refuse an upsert without a key, and an order of rows that means nothing."""
    ordering = place.at("customProperties", "orderingColumn", "value")
    names = {column.name for column in contract.columns if not column.parts}
    if contract.ordering_column and contract.ordering_column not in names:
        raise ContractError(
            f"orderingColumn '{contract.ordering_column}' is not a column with an order",
            where=ordering,
        )
    if contract.mode is DeliveryMode.UPSERT and not contract.key:
        raise ContractError(
            "deliveryMode upsert needs a primary key: rows replace rows with equal keys",
            where=place.at("customProperties", "deliveryMode", "value"),
            todo="mark the key's columns with `primaryKey: true` and `primaryKeyPosition`",
        )
    if contract.ordering_column and contract.mode is not DeliveryMode.UPSERT:
        raise ContractError(
            f"orderingColumn means something for upserts only, not for {contract.mode}",
            where=ordering,
            todo="leave it out, or say `deliveryMode: upsert`",
        )


def _require_no_doubling(contract: Contract, place: Place) -> None:
    """Refuse to append whole tables without a key: each pull would add every row again."""
    if contract.mode is not DeliveryMode.APPEND or contract.key:
        return
    for position, server in enumerate(contract.servers):
        if server.kind == "postgres":
            raise ContractError(
                f"server '{server.name}' delivers the whole table each time, and deliveryMode"
                " append without a primary key would add all of its rows again",
                where=place.at("servers", position),
                todo="say `deliveryMode: snapshot`; or mark the key's columns with"
                " `primaryKey: true`, for append or upsert",
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
        return (contract.main_table,)
    return (contract.bronze, contract.silver, contract.quarantine)
