"""Random shapes of JSON with rules, texts that more or less fit, and what Python makes of them.

Nothing here knows the SQL: a shape is the standard's property, and a text is judged as a reader
of the contract would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

Shape = dict[str, Any]
KEYS = ("a", "b c", "d/~'\"")
NAMES = dict(zip(KEYS, ("a", "b", "d"), strict=True))
_TEXTS = ('""', '"x"', '"abcd"', '"5"', '"xy"', '"é\\n\\u0041"')
_WHOLE = ("0", "3", "-7", "998", "1.0", "2", "1e3")
_BROKEN = ("0.5", "2.25", "-0.5", "1.5", "0.1", "3")
_LEAVES: tuple[tuple[Shape, tuple[str, ...]], ...] = (
    ({"logicalType": "string"}, _TEXTS),
    ({"logicalType": "integer"}, (*_WHOLE, "9999999999")),
    ({"logicalType": "integer", "physicalType": "smallint"}, _WHOLE),
    ({"logicalType": "number"}, (*_BROKEN, "12345.6", "123456789012345678901")),
    ({"logicalType": "number", "physicalType": "decimal(6, 2)"}, (*_BROKEN, '"2.50"', "1e3")),
    ({"logicalType": "boolean"}, ("true", "false")),
    ({"logicalType": "date"}, ('"2024-02-29"', '"2024-2-9"', '"2023-12-31"')),
    ({"logicalType": "timestamp"}, ('"2024-01-01T10:00:00+02:00"', '"2024-01-01T10:00:00Z"')),
)
_ODD = (*_TEXTS, *_WHOLE, *_BROKEN, "true", "[]", "{}", "40000", '"1.255"', '"2023-02-29"', "null")
_OPTIONS: dict[str, Shape] = {
    "string": {"minLength": 1, "maxLength": 3, "pattern": "[a-z]*|5"},
    "integer": {"minimum": 0, "exclusiveMaximum": 998, "multipleOf": 2, "maximum": 500},
    "number": {"minimum": 0.5, "maximum": 2.25},
    "date": {"minimum": "2024-01-01"},
    "array": {"minItems": 1, "maxItems": 2, "uniqueItems": True},
    "object": {"minProperties": 1, "maxProperties": 2},
}


class Misfit(Exception):
    """A JSON value is not as its shape says."""


def make_shape(random: Random, depth: int = 3) -> Shape:
    """Make an object or an array with rules, of at most so many levels."""
    shape: Shape
    if random.random() < 0.6:
        keys = random.sample(KEYS, random.randint(1, 3))
        properties = [_part(random, depth) | {"name": NAMES[k], "physicalName": k} for k in keys]
        shape = {"logicalType": "object", "properties": properties}
    else:
        shape = {"logicalType": "array", "items": _part(random, depth)}
    return shape | _rules(random, shape)


def _part(random: Random, depth: int) -> Shape:
    if depth > 1 and random.random() < 0.4:
        return make_shape(random, depth - 1)
    leaf = random.choice(_LEAVES)[0]
    return leaf | _rules(random, leaf)


def _rules(random: Random, shape: Shape) -> Shape:
    logical = shape["logicalType"]
    known = _OPTIONS.get(logical, {})
    options = {name: value for name, value in known.items() if random.random() < 0.3}
    if logical == "object" and random.random() < 0.2:
        options["required"] = [shape["properties"][0]["name"]]
    found: Shape = {"logicalTypeOptions": options, "required": random.random() < 0.3}
    if logical == "string" and random.random() < 0.2:
        found["enum"] = [{"value": "x"}, {"value": "5"}]
    return found


def make_text(random: Random, shape: Shape) -> str:
    """Make a JSON text that mostly fits a shape; some have a wrong kind or key somewhere."""
    if random.random() < 0.03:
        return random.choice(_ODD)
    if shape["logicalType"] == "array":
        items = [_inner(random, shape["items"]) for _ in range(random.randint(0, 3))]
        return f"[{', '.join(items)}]"
    if shape["logicalType"] == "object":
        given = [part for part in shape["properties"] if random.random() < 0.8]
        pairs = [(part["physicalName"], _inner(random, part)) for part in given]
        if pairs and random.random() < 0.03:
            pairs.append(random.choice([pairs[0], ("other", "1"), ("A", "1")]))
        random.shuffle(pairs)
        return "{" + ",".join(f"{json.dumps(key)}: {text}" for key, text in pairs) + "}"
    (fitting,) = [
        texts
        for leaf, texts in _LEAVES
        if (leaf["logicalType"], leaf.get("physicalType"))
        == (shape["logicalType"], shape.get("physicalType"))
    ]
    return random.choice(fitting)


def _inner(random: Random, shape: Shape) -> str:
    return "null" if random.random() < 0.1 else make_text(random, shape)


def read(shape: Shape, text: str) -> Any:
    """Read a text as a shape: dictionaries by name, lists, and values.

    Raises:
        Misfit: it is none.
    """
    try:
        found = json.loads(text, parse_float=_Number, object_pairs_hook=_Pairs)
    except ValueError as error:
        raise Misfit from error
    if found is None:
        raise Misfit
    return _fit(shape, found)


class _Pairs(list[tuple[str, Any]]):
    """An object as it is written, keys that stand twice included."""


class _Number(str):
    """A number with a point or an exponent, as it is written."""


def _fit(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if shape["logicalType"] == "object":
        return _fit_object(shape, value)
    if shape["logicalType"] == "array":
        if not isinstance(value, list) or isinstance(value, _Pairs):
            raise Misfit
        return [_fit(shape["items"], each) for each in value]
    return _fit_leaf(shape["logicalType"], shape.get("physicalType", ""), value)


def _fit_object(shape: Shape, value: Any) -> Any:
    known = {part["physicalName"]: part for part in shape["properties"]}
    if not isinstance(value, _Pairs):
        raise Misfit
    keys = [key for key, _ in value]
    if len(set(keys)) < len(keys) or not set(keys) <= set(known):
        raise Misfit
    given = dict(value)
    return {part["name"]: _fit(part, given.get(key)) for key, part in known.items()}


def _fit_leaf(logical: str, physical: str, value: Any) -> Any:
    is_text = isinstance(value, str) and not isinstance(value, _Number)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if logical == "boolean" and isinstance(value, bool):
        return value
    if logical == "string" and is_text:
        return value
    if logical in ("date", "timestamp") and is_text:
        return _fit_time(logical, value)
    if physical.startswith("decimal") and (is_text or is_whole or isinstance(value, _Number)):
        return _fit_decimal(str(value))
    if logical == "number" and not physical and (is_whole or isinstance(value, _Number)):
        return float(value)
    if logical == "integer" and (is_whole or isinstance(value, _Number)):
        number = Decimal(str(value))
        limit = 1 << (15 if physical else 63)
        if number == number.to_integral_value() and -limit <= number < limit:
            return int(number)
    raise Misfit


def _fit_decimal(text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[0-9])?", text):
        raise Misfit
    number = Decimal(text)
    if abs(number) >= 10_000 or number != round(number, 2):
        raise Misfit
    return number


def _fit_time(logical: str, text: str) -> Any:
    try:
        if logical == "date" and re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text):
            return date(*map(int, text.split("-")))
        if logical == "timestamp" and "T" in text:
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise Misfit from error
    raise Misfit


def broken(shape: Shape, value: Any, name: str) -> Iterator[str]:
    """Name the rules that a value breaks; ``value`` is None where it is absent."""
    if value is None:
        return
    options = dict(shape.get("logicalTypeOptions") or {})
    if shape["logicalType"] == "object":
        yield from _broken_object(shape, value, name, options)
    elif shape["logicalType"] == "array":
        yield from _broken_array(shape, value, name, options)
    else:
        yield from (f"{name}_{suffix}" for suffix in _broken_leaf(value, options))
        if shape.get("enum") and value not in ("x", "5"):
            yield f"{name}_enum"


def _broken_object(shape: Shape, value: Any, name: str, options: Shape) -> Iterator[str]:
    present = sum(each is not None for each in value.values())
    if present < options.get("minProperties", 0):
        yield f"{name}_minimum_properties"
    if present > options.get("maxProperties", present):
        yield f"{name}_maximum_properties"
    for part in shape["properties"]:
        path = f"{name}_{part['name']}"
        if value[part["name"]] is None and (
            part["required"] or part["name"] in options.get("required", ())
        ):
            yield f"{path}_required"
        yield from broken(part, value[part["name"]], path)


def _broken_array(shape: Shape, value: Any, name: str, options: Shape) -> Iterator[str]:
    if len(value) < options.get("minItems", 0):
        yield f"{name}_minimum_items"
    if len(value) > options.get("maxItems", len(value)):
        yield f"{name}_maximum_items"
    if options.get("uniqueItems") and any(
        one == other for n, one in enumerate(value) for other in value[:n]
    ):
        yield f"{name}_unique_items"
    if shape["items"]["required"] and None in value:
        yield f"{name}_items_required"
    for each in value:
        yield from broken(shape["items"], each, f"{name}_items")


def _broken_leaf(value: Any, options: Shape) -> Iterator[str]:
    kept = {
        "minimum": lambda limit: str(value) >= limit if isinstance(value, date) else value >= limit,
        "maximum": lambda limit: value <= limit,
        "exclusiveMaximum": lambda limit: value < limit,
        "multipleOf": lambda limit: value % limit == 0,
        "minLength": lambda limit: len(value) >= limit,
        "maxLength": lambda limit: len(value) <= limit,
        "pattern": lambda limit: re.fullmatch(limit, value) is not None,
    }
    suffixes = {
        "exclusiveMaximum": "exclusive_maximum",
        "multipleOf": "multiple_of",
        "minLength": "minimum_length",
        "maxLength": "maximum_length",
    }
    for option, limit in options.items():
        if not kept[option](limit):
            yield suffixes.get(option, option)
