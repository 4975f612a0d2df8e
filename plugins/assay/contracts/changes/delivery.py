"""Changes of what a delivery is: mode, order, texts that stand for NULL, share of bad rows."""

from __future__ import annotations

from assay.contracts.changes.change import BOTH, SCHEMA, Change, EntryPath, Party
from assay.domain import Contract, Layer


def delivery_changes(old: Contract, new: Contract) -> list[Change]:
    """List what has changed in what a delivery is and what becomes of it."""
    changes = []
    for what, was, now in (
        ("layer", old.layer, new.layer),
        ("deliveryMode", old.mode, new.mode),
        ("orderingColumn", old.ordering_column, new.ordering_column),
        ("nullTexts", sorted({*old.null_texts}), sorted({*new.null_texts})),
    ):
        if was != now:
            text = f"{what} is {now or 'not given'}, before it was {was or 'not given'}"
            changes.append(Change(text, BOTH, path=_path(what)))
    if old.source != new.source and Layer.GOLD not in (old.layer, new.layer):
        what = f"sourceSystem is {new.source}, before it was {old.source}: bronze is another table"
        changes.append(Change(what, (Party.CONSUMERS,), path=_path("sourceSystem")))
    if old.is_final_line_break_optional != new.is_final_line_break_optional:
        now_asked = not new.is_final_line_break_optional
        word = "required" if now_asked else "optional"
        what = f"finalLineBreak is {word} now"
        broken = (Party.PRODUCERS,) if now_asked else ()
        changes.append(Change(what, broken, path=_path("finalLineBreak")))
    if old.max_quarantined_share != new.max_quarantined_share:
        is_stricter = new.max_quarantined_share < old.max_quarantined_share
        changes.append(
            Change(
                f"maxQuarantinedShare is {new.max_quarantined_share:g}, before it was"
                f" {old.max_quarantined_share:g}",
                (Party.PRODUCERS if is_stricter else Party.CONSUMERS,),
                path=_path("maxQuarantinedShare"),
            )
        )
    return changes


def _path(name: str) -> EntryPath:
    return (*SCHEMA, "customProperties", name)
