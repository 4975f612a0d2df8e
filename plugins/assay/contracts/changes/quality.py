"""Changes of the rules in quality sections: what each lets through, whichever way it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from open_data_contract_standard.model import DataQuality

from assay.contracts.changes.change import Direction, EntryPath, join
from assay.contracts.changes.limits import compare_limits, direction
from assay.contracts.changes.rule import Document, Identity, Rule
from assay.contracts.limits import LIMITS, Interval, read_limits
from assay.contracts.place import Place
from assay.contracts.predicates import join_lines
from assay.contracts.quality_entry import Entry, Subject, read_severity_word
from assay.contracts.rules import compile_rule
from assay.contracts.written_rules import name_engine, parse_expectation
from assay.domain import RowRule

# Lists of which a longer one lets more through; those that forbid, where it lets less through.
_ALLOWING = ("validValues", "properties")
_FORBIDDING = ("missingValues",)
_TEXTS = {
    "name", "description", "dimension", "id", "tags", "businessImpact", "method",
    "authoritativeDefinitions",
}  # fmt: skip
_SQL = ("query", "implementation")


def quality_rules(
    column: str, owner: Document, subject: Subject, file: Place, path: EntryPath
) -> Iterator[tuple[Identity, Rule]]:
    """List the rules of one quality section by their names, or what else they are known by.

    ``column`` is the subject's name in the new version.
    """
    seen: dict[tuple[str, ...], int] = {}
    for position, rule in enumerate(owner.get("quality") or ()):
        kind = str(rule.get("type", "library"))
        what = str(rule.get("name") or rule.get("metric") or kind)
        identity = (column, "quality", what)
        seen[identity] = seen.get(identity, 0) + 1
        title = f"the rule '{what}'" + (f" of column '{column}'" if column else "")
        word = str(rule.get("severity") or "")
        severity = None if kind == "text" else read_severity_word(word)
        place = (*path, "quality", position)
        asks = _asks(Entry(DataQuality(**rule), subject, file))
        name = str(rule.get("name") or "")
        yield (
            (*identity, str(seen[identity])),
            Rule(title, severity, rule, place, _direction, name=name, asks=asks),
        )


def _asks(entry: Entry) -> object:
    """What an entry asks of a table, whatever it is called and however it is written."""
    rule = compile_rule(entry)
    if isinstance(rule, RowRule):
        return rule.predicate
    return rule and (rule.expectation, rule.arguments)


def list_direction(old: Iterable[object], new: Iterable[object]) -> Direction:
    """Tell the direction of a list of what is let through; its order says nothing."""
    before, after = {repr(each) for each in old}, {repr(each) for each in new}
    return direction(after <= before, before <= after)


def _direction(old: Document, new: Document) -> Direction:
    if _shape(old) != _shape(new):
        return Direction.OTHER
    limits = _limits(old), _limits(new)
    way = join(compare_limits(*limits), _share_direction(old, new))
    lists = _lists_direction(old, new)
    # A longer list of valid values makes fewer invalid: so it only loosens what limits those.
    is_most = all(map(_is_most, limits))
    return join(way, lists if is_most or lists is Direction.SAME else Direction.OTHER)


def _limits(rule: Document) -> tuple[Interval, ...] | None:
    """Read what a rule's operator lets through: of a count of rows, which whole numbers."""
    found = read_limits(rule)
    is_count = rule.get("type", "library") == "library" and rule.get("unit") != "percent"
    return tuple(each.of_whole_numbers() for each in found) if found and is_count else found


def _is_most(limits: Sequence[Interval] | None) -> bool:
    """Tell whether limits only say how many there may be: there never are less than none."""
    if limits is None:
        return True
    (first, *others) = limits
    return not others and (first.low < 0 or (first.low == 0 and first.has_low))


def _lists_direction(old: Document, new: Document) -> Direction:
    way = Direction.SAME
    before, after = (one.get("arguments") or {} for one in (old, new))
    for name in _ALLOWING:
        way = join(way, list_direction(before.get(name, ()), after.get(name, ())))
    for name in _FORBIDDING:
        way = join(way, list_direction(after.get(name, ()), before.get(name, ())))
    return way


def _share_direction(old: Document, new: Document) -> Direction:
    """Compare the share of rows that must keep an expectation: `mostly`."""
    before, after = (_arguments(one).get("mostly", 1) for one in (old, new))
    if before == after:
        return Direction.SAME
    if not all(isinstance(each, int | float) for each in (before, after)):
        return Direction.OTHER
    return direction(after >= before, after <= before)


def _shape(rule: Document) -> Document:
    """What of a rule has no order: another one is another rule."""
    kind = rule.get("type", "library")
    rest = {
        key: join_lines(value) if key in _SQL and isinstance(value, str) else value
        for key, value in rule.items()
        if key not in _TEXTS and key not in LIMITS and key not in ("severity", "arguments")
    }
    lists = (*_ALLOWING, *_FORBIDDING)
    arguments = {k: v for k, v in (rule.get("arguments") or {}).items() if k not in lists}
    if kind == "library":
        rest.setdefault("unit", "rows")
    if "engine" in rest:
        rest["engine"] = name_engine(rule["engine"])
    if expectation := _expectation(rule):
        kwargs = {k: v for k, v in _arguments(rule).items() if k != "mostly"}
        rest["implementation"] = {"type": expectation["type"], "kwargs": kwargs}
    return rest | {"arguments": arguments, "type": kind}


def _arguments(rule: Document) -> Document:
    return _expectation(rule).get("kwargs") or {}


def _expectation(rule: Document) -> Document:
    """A rule's expectation; empty where it has none."""
    if name_engine(rule.get("engine")) != "greatexpectations":
        return {}
    found = parse_expectation(rule["implementation"])
    return found if isinstance(found, Mapping) else {}
