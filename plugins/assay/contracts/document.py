"""A contract file as YAML that follows the standard's own JSON schema."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any

import jsonschema
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from assay.errors import ContractError


class _Loader(yaml.CSafeLoader):
    """YAML that says each key once: of two, one would be dropped without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key}' stands twice in one mapping", key_node.start_mark
                )
            seen.add(key if isinstance(key, Hashable) else id(key_node))
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def load_document(content: bytes, place: str) -> dict[str, Any]:
    """Read a contract file's bytes and check them against the standard's schema.

    Raises:
        ContractError: it is not YAML, or not as the standard says; names line or place.
    """
    document = _load_yaml(content, place)
    _validate(document, place)
    return document


def _load_yaml(content: bytes, place: str) -> dict[str, Any]:
    try:
        document = yaml.load(content.decode(), Loader=_Loader)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ContractError(
            f"not UTF-8: byte {content[error.start]:#04x}",
            where=f"{place}:{line}",
            todo="save the file as UTF-8",
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else content[: getattr(error, "position", 0)].count(b"\n") + 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise ContractError(
            f"not YAML: {problem}",
            where=f"{place}:{line}",
            todo="mend the line; a text with a colon or a hash needs quotes",
        ) from error
    if not isinstance(document, dict):
        raise ContractError(
            f"not a contract: expected a mapping, found {_kind(document)}",
            where=place,
            todo="start it with apiVersion, kind, id, version and status",
        )
    return document


def _kind(document: object) -> str:
    kinds = {list: "a list", str: "a text", type(None): "nothing"}
    return kinds.get(type(document), "one value")


@cache
def _validator() -> jsonschema.Draft201909Validator:
    schema = json.loads(OpenDataContractStandard.json_schema())
    return jsonschema.Draft201909Validator(schema)


def _validate(document: Mapping[str, Any], place: str) -> None:
    version = str(document.get("apiVersion", "v3"))
    if not version.startswith("v3"):
        raise ContractError(
            f"apiVersion is {version}: expected version 3 of the standard, such as v3.1.0",
            where=f"{place} at apiVersion",
            todo="bring the contract up to it; its `schema` and `quality` are written otherwise",
        )
    _require_types(document, place)
    plain = json.loads(json.dumps(document, default=str))
    errors = sorted(_validator().iter_errors(plain), key=lambda e: list(map(str, e.path)))
    if not errors:
        return
    # The deepest place, and of its errors the one that says most: a wrong value anywhere makes
    # all that stands beside it "unevaluated".
    error = max(errors, key=lambda e: (len(e.absolute_path), "Unevaluated" not in e.message))
    raise ContractError(
        f"not as ODCS {document.get('apiVersion', 'v3')} says: {_message(error)}",
        where=f"{place} at {_path(plain, error)}",
        todo=f"{len(errors)} place(s) differ from the standard's schema; mend this one first",
    )


def _require_types(document: Mapping[str, Any], place: str) -> None:
    """Ask for each column's logicalType: without it the standard's schema says "map is missing"."""
    for entity in _mappings(document.get("schema")):
        for column in _mappings(entity.get("properties")):
            if "logicalType" not in column:
                raise ContractError(
                    f"column '{column.get('name')}' has no logicalType",
                    where=f"{place} at schema.{entity.get('name')}.{column.get('name')}",
                    todo="give it string, integer, number, boolean, date or timestamp",
                )


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _message(error: jsonschema.exceptions.ValidationError) -> str:
    operators = (
        [each for each in error.instance if str(each).startswith(("mustBe", "mustNot"))]
        if (isinstance(error.instance, dict))
        else []
    )
    if error.validator == "oneOf" and operators:
        return f"one operator a rule, found {', '.join(operators)}"
    return str(error.message)[:300]


def _path(document: Any, error: jsonschema.exceptions.ValidationError) -> str:
    """Write where an error stands, entries of lists by their name where they have one."""
    parts = []
    for part in error.absolute_path:
        document = document[part]
        name = (
            document.get("name") or document.get("property") if isinstance(document, dict) else ""
        )
        parts.append(str(name if isinstance(part, int) and name else part))
    return ".".join(parts) or "the top"
