"""Reads ODCS files into contracts.

Source: Open Data Contract Standard v3, https://bitol-io.github.io/open-data-contract-standard/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)
from open_data_contract_standard.model import Server as OdcsServer

from assay.contracts.rules import column_rules, schema_rules
from assay.contracts.types import data_type
from assay.domain import Column, Contract, DeliveryMode, Layer, Server
from assay.errors import ContractError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]*$")
_PROPERTIES = {
    "layer",
    "deliveryMode",
    "orderingColumn",
    "sourceSystem",
    "nullTexts",
    "finalLineBreak",
    "maxQuarantinedShare",
}


def read_contracts(folder: Path, product: str) -> tuple[Contract, ...]:
    """Read all contracts of a product, sorted by table.

    Raises:
        ContractError: there is none, or one cannot be read; names file and place.
    """
    files = sorted((folder / product).glob("*.odcs.yaml"))
    if not files:
        raise ContractError(
            f"the product '{product}' has no contract",
            where=f"{folder.name}/{product}/",
            todo=f"write one, or start from `assay new product {product}`; "
            f"products with contracts: {', '.join(list_products(folder)) or 'none'}",
        )
    return tuple(sorted((read_contract(file) for file in files), key=lambda c: c.table))


def list_products(folder: Path) -> tuple[str, ...]:
    """Name the products that have at least one contract."""
    return tuple(sorted({file.parent.name for file in folder.glob("*/*.odcs.yaml")}))


def read_contract(file: Path) -> Contract:
    """Read one ODCS file; its folder's name is the product, its own the table.

    Raises:
        ContractError: it is not YAML, not ODCS, or says what cannot be compiled.
    """
    return _read(file, file.read_bytes())


@lru_cache(maxsize=1024)
def _read(file: Path, content: bytes) -> Contract:
    """Read a contract's text. Kept by its bytes: a run asks for it at every stage."""
    document = _load_yaml(file, content)
    _validate(document, file)
    try:
        odcs = OpenDataContractStandard(**document)
    except ValueError as error:
        raise ContractError(f"not an ODCS contract: {error}", where=_place(file)) from error
    return _build(odcs, file)


def _build(odcs: OpenDataContractStandard, file: Path) -> Contract:
    product, table = file.parent.name, file.name.removesuffix(".odcs.yaml")
    entity = _only_schema(odcs, file, table)
    custom = _custom(entity.customProperties, file)
    layer = Layer(str(custom.get("layer", "silver")))
    columns = _columns(entity, file)
    mode = _delivery_mode(custom, layer, file)
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
        row_rules=tuple(
            rule for p in entity.properties or [] for rule in column_rules(p, _place(file))
        )
        + schema_rules(entity, _place(file)).row_rules,
        table_rules=schema_rules(entity, _place(file)).table_rules,
        mode=mode,
        ordering_column=str(custom.get("orderingColumn", "")),
        source=str(custom.get("sourceSystem", product)),
        null_texts=tuple(str(text) for text in custom.get("nullTexts", [""])),
        is_final_line_break_optional=custom.get("finalLineBreak") == "optional",
        max_quarantined_share=float(custom.get("maxQuarantinedShare", 1.0)),
        servers=tuple(_server(each, file) for each in odcs.servers or []),
        tags=tuple(odcs.tags or ()),
    )
    _check_whole(contract)
    return contract


def _load_yaml(file: Path, content: bytes) -> dict[str, Any]:
    try:
        document = yaml.load(content.decode(), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ContractError(
            f"not YAML: {getattr(error, 'problem', None) or error}",
            where=f"{_place(file)}{line}",
            todo="mend the line; a text with a colon or a hash needs quotes",
        ) from error
    if not isinstance(document, dict):
        raise ContractError("not a contract: expected a mapping", where=_place(file))
    return document


@cache
def _validator() -> jsonschema.Draft201909Validator:
    schema = json.loads(OpenDataContractStandard.json_schema())
    return jsonschema.Draft201909Validator(schema)


def _validate(document: Mapping[str, Any], file: Path) -> None:
    plain = json.loads(json.dumps(document, default=str))
    errors = sorted(_validator().iter_errors(plain), key=lambda e: list(map(str, e.path)))
    if not errors:
        return
    error = jsonschema.exceptions.best_match(errors)
    place = ".".join(str(part) for part in error.absolute_path) or "the top"
    raise ContractError(
        f"not as ODCS {document.get('apiVersion', 'v3')} says: {error.message[:300]}",
        where=f"{_place(file)} at {place}",
        todo=f"{len(errors)} place(s) differ from the standard's schema; mend this one first",
    )


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


def _custom(properties: Iterable[CustomProperty] | None, file: Path) -> dict[str, Any]:
    values = {str(each.property): each.value for each in properties or ()}
    unknown = sorted(set(values) - _PROPERTIES)
    if unknown:
        raise ContractError(
            f"unknown custom property: {', '.join(unknown)}",
            where=_place(file),
            todo=f"known are {', '.join(sorted(_PROPERTIES))}",
        )
    return values


def _delivery_mode(custom: Mapping[str, Any], layer: Layer, file: Path) -> DeliveryMode | None:
    text = custom.get("deliveryMode")
    if layer is Layer.GOLD:
        return None
    if text not in {mode.value for mode in DeliveryMode}:
        raise ContractError(
            f"deliveryMode is {text!r}: expected append, upsert or snapshot",
            where=_place(file),
            todo="add it to the schema's customProperties; a published gold table says "
            "`layer: gold` there instead",
        )
    return DeliveryMode(text)


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
    return columns


def _column(odcs: SchemaProperty, file: Path) -> Column:
    name = odcs.name or ""
    if not _IDENTIFIER.match(name):
        raise ContractError(
            f"'{name}' cannot name a column: expected lower-case letters, digits and underscores,"
            " starting with a letter",
            where=_place(file),
            todo="give the source's own name as physicalName",
        )
    custom = {str(each.property): each.value for each in odcs.customProperties or ()}
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
        personal_data=custom.get("personalData") is True,
    )


def _server(odcs: OdcsServer, file: Path) -> Server:
    custom = {str(each.property): each.value for each in odcs.customProperties or ()}
    if odcs.type not in ("local", "postgres", "postgresql"):
        raise ContractError(
            f"server '{odcs.server}' is of type '{odcs.type}': expected local or postgres",
            where=_place(file),
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
    if not 0 <= contract.max_quarantined_share <= 1:
        raise ContractError("maxQuarantinedShare must lie between 0 and 1", where=contract.path)


def _place(file: Path) -> str:
    return "/".join(file.parts[-3:])
