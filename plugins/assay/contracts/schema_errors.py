"""What a contract says that the standard's JSON schema does not take: found, and expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError

from assay.contracts.place import Place
from assay.domain import did_you_mean

# One of the operators of a quality rule, all of which stand in one `oneOf` of the schema.
_OPERATOR = "mustBeGreaterThan"
_UNKNOWN_KEY = ("additionalProperties", "unevaluatedProperties")
_CONSEQUENCES = ("unevaluatedProperties", "oneOf", "anyOf")
_KINDS = {
    "string": "a text",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_LISTED = 5


def sort_errors(errors: Sequence[ValidationError]) -> list[ValidationError]:
    """Put the error that says most first, and leave out those that only follow from others.

    A wrong value makes all that stands beside it or holds it "unevaluated" or of no known form.
    """
    ranked = sorted(
        (_wrong_value(error) or error for error in errors),
        key=lambda e: (-len(e.absolute_path), e.validator == "unevaluatedProperties"),
    )
    kept: list[ValidationError] = []
    seen: set[tuple[object, str]] = set()
    for error in ranked:
        path = tuple(error.absolute_path)
        if (path, error.message) in seen:
            continue
        seen.add((path, error.message))
        is_cause = error.validator not in _CONSEQUENCES
        if is_cause or not any(tuple(each.absolute_path)[: len(path)] == path for each in kept):
            kept.append(error)
    return kept


def place_of(error: ValidationError, place: Place) -> Place:
    """Return where an error stands: at the entry that should not be there, if it is one.

    ``place`` is the contract's.
    """
    return place.at(*error.absolute_path, *_unknown_keys(error)[:1])


def tell(error: ValidationError, root: Mapping[str, Any]) -> str:
    """Say what was found and what was expected. ``root`` is the standard's whole schema."""
    if _speaks_of_operators(error):
        return _tell_operators(error, root)
    if "rule" in _keys(error) and "metric" not in _keys(error):
        return "`rule` is the deprecated spelling of `metric`: write metric"
    if unknown := _unknown_keys(error):
        known = set(_known_keys(error.schema, root))
        if unknown[0] in known:
            return f"'{unknown[0]}' does not belong here: it is for entries of another type"
        return f"'{unknown[0]}' does not belong here; {did_you_mean(unknown[0], known)}"
    return _tell_value(error, root) or str(error.message)[:300]


def _wrong_value(error: ValidationError) -> ValidationError | None:
    """Find what is wrong with the value of a rule's operator, where it has but one."""
    if not _speaks_of_operators(error) or len(_operators(error)) != 1:
        return None
    return next((each for each in error.context or () if each.path), None)


def _speaks_of_operators(error: ValidationError) -> bool:
    return error.validator == "oneOf" and _OPERATOR in str(error.validator_value)


def _operators(error: ValidationError) -> list[str]:
    return [key for key in _keys(error) if str(key).startswith("must")]


def _tell_operators(error: ValidationError, root: Mapping[str, Any]) -> str:
    found = _operators(error)
    known = {key for key in _known_keys(error.schema, root) if key.startswith("must")}
    unknown = [key for key in found if key not in known]
    if unknown:
        return f"'{unknown[0]}' is no operator; {did_you_mean(unknown[0], known)}"
    return f"one operator a rule, found {', '.join(found) or 'none'}"


def _tell_value(error: ValidationError, root: Mapping[str, Any]) -> str:
    """Say what is wrong with a value; empty where only the schema's own words do."""
    expected: Any = error.validator_value
    if error.validator == "required":
        return f"{', '.join(key for key in expected if key not in _keys(error))} is missing"
    if error.validator == "type":
        schema: Any = error.schema
        needed = schema.get("required", ()) if "object" in _listed(expected) else ()
        keys = ", ".join(f"{key}: …" for key in needed)
        told = _tell_kind(error.instance, _listed(expected))
        return f"{told}: expected {{{keys}}}" if keys else told
    if error.validator == "enum":
        return f"{error.instance!r} is not one of: {', '.join(map(str, expected))}"
    if error.validator in ("oneOf", "anyOf", "pattern"):
        return _tell_forms(error, root)
    if error.validator == "not" and isinstance(error.schema, Mapping):
        return str(error.schema.get("description") or "")
    return ""


def _tell_forms(error: ValidationError, root: Mapping[str, Any]) -> str:
    """Name the kinds of values that were expected, or else the forms of a text."""
    value, expected = error.instance, error.validator_value
    schemas = expected if isinstance(expected, list) else [error.schema]
    forms = [form for each in schemas for form in _forms(each, root)]
    kinds = {kind for form in forms for kind in _listed(form.get("type") or [])}
    if kinds and not any(_is_kind(value, kind) for kind in kinds):
        return _tell_kind(value, sorted(kinds))
    kind = "pattern" if isinstance(value, str) else "properties"
    said = [form.get("description") for form in forms if kind in form]
    if not said or not all(said):
        return ""
    shown = repr(value) if isinstance(value, str) else "it"
    return f"{shown} is not of the form: {'; or '.join(map(str, said))}"


def tell_others(errors: Sequence[ValidationError], place: Place, root: Mapping[str, Any]) -> str:
    """Name further errors, each with its line; empty where there is none."""
    told = "".join(f"\n  {place_of(e, place)}: {tell(e, root)}" for e in errors[:_LISTED])
    more = len(errors) - _LISTED
    return told + (f"\n  and {more} more" if more > 0 else "")


def _tell_kind(value: object, kinds: Sequence[str]) -> str:
    expected = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
    is_scalar = isinstance(value, str | int | float) or value is None
    shown = repr(value) if is_scalar else _KINDS["array" if isinstance(value, list) else "object"]
    hint = ": put it in quotes" if "string" in kinds and is_scalar and value is not None else ""
    return f"{shown} is not {expected}{hint}"


def _unknown_keys(error: ValidationError) -> list[str]:
    if error.validator not in _UNKNOWN_KEY:
        return []
    return [key for key in _keys(error) if repr(key) in error.message]


def _keys(error: ValidationError) -> list[str]:
    return list(error.instance) if isinstance(error.instance, dict) else []


def _known_keys(schema: object, root: Mapping[str, Any]) -> Iterator[str]:
    """Name the keys that a schema takes, whatever it demands of them together."""
    if not isinstance(schema, Mapping):
        return
    yield from schema.get("properties") or ()
    for part in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(part) or ():
            yield from _known_keys(each, root)
    yield from _known_keys(schema.get("then"), root)
    yield from _known_keys(_referred(schema, root), root)


def _forms(schema: object, root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """List the schemas of which a value has to fit one."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    yield from _forms(_referred(schema, root), root)
    for part in ("anyOf", "oneOf"):
        for each in schema.get(part) or ():
            yield from _forms(each, root)


def _referred(schema: Mapping[str, Any], root: Mapping[str, Any]) -> object:
    found: object = root
    for step in str(schema.get("$ref") or "").removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _is_kind(value: object, kind: str) -> bool:
    return {
        "string": isinstance(value, str),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
        "boolean": isinstance(value, bool),
        "null": value is None,
    }.get(kind, isinstance(value, int | float) and not isinstance(value, bool))


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
