"""A contract file as YAML that follows the standard's own JSON schema."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any

import jsonschema
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from assay.contracts.place import Place
from assay.errors import ContractError

# One of the operators of a quality rule, all of which stand in one `oneOf` of the schema.
_OPERATOR = "mustBeGreaterThan"


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


def load_document(content: bytes, file: str) -> tuple[dict[str, Any], Place]:
    """Read a contract file's bytes and check them against the standard's schema.

    Returns the document and its place, which knows the line of each entry.

    Raises:
        ContractError: it is not YAML, or not as the standard says; names the line.
    """
    document, place = _load_yaml(content, file)
    _validate(document, place)
    return document, place


def _load_yaml(content: bytes, file: str) -> tuple[dict[str, Any], Place]:
    try:
        node, document = _parse(content.decode())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ContractError(
            f"not UTF-8: byte {content[error.start]:#04x}",
            where=f"{file}:{line}",
            todo="save the file as UTF-8",
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else content[: getattr(error, "position", 0)].count(b"\n") + 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise ContractError(
            f"not YAML: {problem}",
            where=f"{file}:{line}",
            todo="mend the line; a text with a colon or a hash needs quotes",
        ) from error
    place = Place(file, node, node.start_mark.line + 1 if node else 1)
    if not isinstance(document, dict):
        raise ContractError(
            f"not a contract: expected a mapping, found {_kind(document)}",
            where=place,
            todo="start it with apiVersion, kind, id, version and status",
        )
    return document, place


def _parse(text: str) -> tuple[yaml.Node | None, object]:
    """Return a text's one document, as nodes that know their lines and as what it says."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _kind(document: object) -> str:
    kinds = {list: "a list", str: "a text", type(None): "nothing"}
    return kinds.get(type(document), "one value")


@cache
def _validator() -> jsonschema.Draft201909Validator:
    schema = json.loads(OpenDataContractStandard.json_schema())
    return jsonschema.Draft201909Validator(schema)


def _validate(document: Mapping[str, Any], place: Place) -> None:
    version = str(document.get("apiVersion", "v3"))
    if not version.startswith("v3"):
        raise ContractError(
            f"apiVersion is {version}: expected version 3 of the standard, such as v3.1.0",
            where=place.at("apiVersion"),
            todo="bring the contract up to it; its `schema` and `quality` are written otherwise",
        )
    plain = _as_json(document, place)
    _require_types(document, place)
    errors = sorted(_validator().iter_errors(plain), key=lambda e: list(map(str, e.path)))
    if not errors:
        return
    # The deepest place, and of its errors the one that says most: a wrong value anywhere makes
    # all that stands beside it "unevaluated".
    error = max(errors, key=lambda e: (len(e.absolute_path), "Unevaluated" not in e.message))
    error = _wrong_value(error) or error
    raise ContractError(
        f"not as ODCS {document.get('apiVersion', 'v3')} says: {_message(error)}",
        where=place.at(*error.absolute_path, *_unexpected(error)),
        todo=f"{len(errors)} place(s) differ from the standard's schema; mend this one first",
    )


def _as_json(document: Mapping[str, Any], place: Place) -> object:
    """Write days as texts, as the standard's schema has them."""
    try:
        return json.loads(json.dumps(document, default=str))
    except (TypeError, ValueError) as error:
        raise ContractError(
            f"what no JSON can say: {error}",
            where=place,
            todo="put keys in quotes; write out what an alias repeats within itself",
        ) from error


def _require_types(document: Mapping[str, Any], place: Place) -> None:
    """Ask for each logicalType: without it the standard's schema says "map is missing"."""
    for table, entity in _mappings(document.get("schema")):
        _require_types_of(entity, place.at("schema", table))


def _require_types_of(holder: Mapping[str, Any], place: Place) -> None:
    """Ask the properties and the items of an object, an array or the table itself."""
    parts = [
        (each, place.at("properties", position))
        for position, each in _mappings(holder.get("properties"))
    ]
    if isinstance(holder.get("items"), dict):
        parts.append((holder["items"], place.at("items")))
    for part, where in parts:
        if "logicalType" not in part:
            raise ContractError(
                f"column '{part.get('name', 'items')}' has no logicalType",
                where=where,
                todo="give it string, integer, number, boolean, date, timestamp, object or array",
            )
        _require_types_of(part, where)


def _mappings(value: object) -> list[tuple[int, Mapping[str, Any]]]:
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(position, each) for position, each in entries if isinstance(each, dict)]


def _wrong_value(
    error: jsonschema.exceptions.ValidationError,
) -> jsonschema.exceptions.ValidationError | None:
    """Find what is wrong with the value of a rule's operator, where it has but one."""
    if not _speaks_of_operators(error) or len(_operators(error)) != 1:
        return None
    return next((each for each in error.context or () if each.path), None)


def _speaks_of_operators(error: jsonschema.exceptions.ValidationError) -> bool:
    return error.validator == "oneOf" and _OPERATOR in str(error.validator_value)


def _operators(error: jsonschema.exceptions.ValidationError) -> list[str]:
    return [each for each in _keys(error) if str(each).startswith(("mustBe", "mustNot"))]


def _message(error: jsonschema.exceptions.ValidationError) -> str:
    if _speaks_of_operators(error):
        return f"one operator a rule, found {', '.join(_operators(error)) or 'none'}"
    if "rule" in _keys(error) and "metric" not in _keys(error):
        return "`rule` is the deprecated spelling of `metric`: write metric"
    return str(error.message)[:300]


def _unexpected(error: jsonschema.exceptions.ValidationError) -> list[str]:
    """Name the first entry that should not be there, where that is what the error says."""
    if error.validator not in ("additionalProperties", "unevaluatedProperties"):
        return []
    return [key for key in _keys(error) if repr(key) in error.message][:1]


def _keys(error: jsonschema.exceptions.ValidationError) -> list[str]:
    return list(error.instance) if isinstance(error.instance, dict) else []
