"""A contract file as YAML that follows the standard's own JSON schema."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import jsonschema
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from assay.contracts.place import Place
from assay.contracts.schema_errors import place_of, sort_errors, tell, tell_others
from assay.errors import ContractError

_TIMESTAMP = "tag:yaml.org,2002:timestamp"
# Types of the standard that no column can have.
_UNHELD = ("time", "map", "vector")
_MERGE = "tag:yaml.org,2002:merge"


class _Inexact(yaml.YAMLError):
    """A number that would be read as another one: what, and in which line."""


class _Loader(yaml.CSafeLoader):
    """YAML that says each key once: of two, one would be dropped without a word.

    A day stays the text that it is: the standard has no value of another kind for it. A number
    of more digits than are kept is refused: a limit would be another one.
    """

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        number = float(super().construct_yaml_float(node))
        with suppress(InvalidOperation):  # sixties, .inf and .nan have no digits to lose
            if Decimal(node.value.replace("_", "")) != Decimal(repr(number)):
                problem = f"{node.value} has more digits than are kept: it would be {number!r}"
                raise _Inexact(problem, node.start_mark.line + 1)
        return number

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._asked: set[yaml.Node] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Ask for keys that stand twice, before what `<<` names stands beside a mapping's own."""
        if node not in self._asked:
            self._asked.add(node)
            self._require_distinct_keys(node)
        super().flatten_mapping(node)

    def _require_distinct_keys(self, node: yaml.MappingNode) -> None:
        seen: set[object] = set()
        for key_node, _ in node.value:
            is_merge = key_node.tag == _MERGE
            key = "<<" if is_merge else self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key}' stands twice in one mapping", key_node.start_mark
                )
            seen.add(key if isinstance(key, Hashable) else id(key_node))


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


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
        node, document = parse_yaml(content.decode())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ContractError(
            f"not UTF-8: byte {content[error.start]:#04x}",
            where=f"{file}:{line}",
            todo="save the file as UTF-8",
        ) from error
    except _Inexact as error:
        what, line = error.args
        raise ContractError(
            what,
            where=f"{file}:{line}",
            todo="write up to 15 digits, or a rule in SQL: there each digit counts",
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


def parse_yaml(text: str) -> tuple[yaml.Node | None, object]:
    """Return a text's one document, as nodes that know their lines and as what it says.

    Raises:
        yaml.YAMLError: it is no YAML, or says a key twice.
    """
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
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OpenDataContractStandard.json_schema())
    return found


@cache
def _validator() -> jsonschema.Draft201909Validator:
    return jsonschema.Draft201909Validator(_schema())


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
    errors = sort_errors(list(_validator().iter_errors(plain)))
    if not errors:
        return
    more = tell_others(errors[1:], place, _schema())
    raise ContractError(
        f"not as ODCS {document.get('apiVersion', 'v3')} says: {tell(errors[0], _schema())}",
        where=place_of(errors[0], place),
        todo=f"mend that line, and these:{more}" if more else "mend that line",
    )


def _as_json(document: Mapping[str, Any], place: Place) -> object:
    """Return what a document says as JSON would, which the standard's schema speaks of."""
    try:
        return json.loads(json.dumps(document))
    except (TypeError, ValueError) as error:
        raise ContractError(
            f"what no JSON can say: {error}",
            where=place,
            todo="write texts, numbers, lists and mappings, and out in full what an alias repeats",
        ) from error


def _require_types(document: Mapping[str, Any], place: Place) -> None:
    """Ask for each logicalType: without it the standard's schema says "map is missing".

    Of one that no table can hold it would ask for what is of no use here either.
    """
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
        logical = part.get("logicalType")
        if logical is None or logical in _UNHELD:
            has = "no logicalType" if logical is None else f"the logicalType '{logical}'"
            raise ContractError(
                f"column '{part.get('name', 'items')}' has {has}",
                where=where.at("logicalType"),
                todo="give it string, integer, number, boolean, date, timestamp, object or array",
            )
        _require_types_of(part, where)


def _mappings(value: object) -> list[tuple[int, Mapping[str, Any]]]:
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(position, each) for position, each in entries if isinstance(each, dict)]
