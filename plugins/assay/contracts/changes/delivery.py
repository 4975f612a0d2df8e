"""Changes of a contract beside its columns and rules: delivery, servers, support."""

from __future__ import annotations

from dataclasses import fields

from assay.contracts.changes.change import BOTH, Change, Party
from assay.domain import Contract, Layer, Server, ServiceLevel, Severity

# A server's fields that a producer does not see: how the platform comes in.
_OWN_FIELDS = {"secret", "environment", "name"}


def delivery_changes(old: Contract, new: Contract) -> list[Change]:
    """List what has changed in how a table is delivered and how long it is served."""
    changes = []
    for what, was, now in (
        ("layer", old.layer, new.layer),
        ("deliveryMode", old.mode, new.mode),
        ("orderingColumn", old.ordering_column, new.ordering_column),
        ("nullTexts", list(old.null_texts), list(new.null_texts)),
    ):
        if was != now:
            text = f"{what} is {now or 'not given'}, before it was {was or 'not given'}"
            changes.append(Change(text, BOTH))
    if old.source != new.source and Layer.GOLD not in (old.layer, new.layer):
        what = f"sourceSystem is {new.source}, before it was {old.source}: bronze is another table"
        changes.append(Change(what, (Party.CONSUMERS,)))
    if old.is_final_line_break_optional != new.is_final_line_break_optional:
        now_asked = not new.is_final_line_break_optional
        word = "required" if now_asked else "optional"
        what = f"finalLineBreak is {word} now"
        changes.append(Change(what, (Party.PRODUCERS,) if now_asked else ()))
    if old.max_quarantined_share != new.max_quarantined_share:
        is_stricter = new.max_quarantined_share < old.max_quarantined_share
        changes.append(
            Change(
                f"maxQuarantinedShare is {new.max_quarantined_share:g}, before it was"
                f" {old.max_quarantined_share:g}",
                (Party.PRODUCERS if is_stricter else Party.CONSUMERS,),
            )
        )
    return (
        changes + _server_changes(old, new) + _level_changes(old, new) + _support_changes(old, new)
    )


def _server_changes(old: Contract, new: Contract) -> list[Change]:
    before = {(each.name, each.environment): each for each in old.servers}
    after = {(each.name, each.environment): each for each in new.servers}
    changes = []
    for key in [*before, *(each for each in after if each not in before)]:
        changes += _compare_servers(before.get(key), after.get(key))
    return changes


def _compare_servers(old: Server | None, new: Server | None) -> list[Change]:
    if old is None and new is not None:
        return [Change(f"the server '{new.name}' is added")]
    if old is not None and new is None:
        return [Change(f"the server '{old.name}' is removed", (Party.PRODUCERS,))]
    if old is None or new is None or old == new:
        return []
    differing = [each.name for each in fields(Server) if _differs(old, new, each.name)]
    seen = [name for name in differing if name not in _OWN_FIELDS]
    what = f"the server '{new.name}' has another {', '.join(differing)}"
    return [Change(what, (Party.PRODUCERS,) if seen else ())]


def _differs(old: Server, new: Server, name: str) -> bool:
    return bool(getattr(old, name) != getattr(new, name))


def _level_changes(old: Contract, new: Contract) -> list[Change]:
    before = {(each.name, each.element): each for each in old.service_levels}
    after = {(each.name, each.element): each for each in new.service_levels}
    changes = []
    for key in [*before, *(each for each in after if each not in before)]:
        one, other = before.get(key), after.get(key)
        name = f"the service level {' of '.join(part for part in key if part)}"
        if one is None:
            changes.append(Change(f"{name} is added"))
        elif other is None:
            changes.append(Change(f"{name} is removed", (Party.CONSUMERS,)))
        elif _show(one) != _show(other):
            what = f"{name} is {_show(other)}, before it was {_show(one)}"
            changes.append(Change(what, (Party.CONSUMERS,)))
        elif one != other:
            changes.append(Change(f"{name}: its description is changed", is_text=True))
    return changes


def _show(level: ServiceLevel) -> str:
    upper = "" if level.upper is None else f" to {level.upper}"
    is_critical = level.judged is not None and level.judged.severity is Severity.CRITICAL
    return f"{level.value}{upper} {level.unit}".strip() + (" (critical)" if is_critical else "")


def _support_changes(old: Contract, new: Contract) -> list[Change]:
    if old.end_of_support == new.end_of_support:
        return []
    is_shorter = (
        old.end_of_support is not None
        and new.end_of_support is not None
        and new.end_of_support < old.end_of_support
    )
    what = f"it is served until {new.end_of_support or 'further notice'}"
    if old.end_of_support:
        what += f", before until {old.end_of_support}"
    return [Change(what, (Party.CONSUMERS,) if is_shorter else ())]
