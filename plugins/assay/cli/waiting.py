"""Loads that wait for a person: a run goes past them in silence otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.cli.text_table import format_count, shorten

if TYPE_CHECKING:
    from assay.pipeline.pending import PendingLoads


def describe_waiting(pending: PendingLoads, product: str) -> list[str]:
    """Name refused loads with their reasons, and count those that wait behind or were withheld."""
    lines = []
    if pending.withheld:
        lines.append(
            f"{format_count(len(pending.withheld), 'load')} withheld since a rollback:"
            f" `assay loads resume {product}` brings them in again"
        )
    refused = [f"refused: {load.reason}" for load in pending.refused]
    lines += shorten(refused, "refused load", f"assay loads {product}")
    if pending.held_back:
        lines.append(f"{format_count(len(pending.held_back), 'load')} held back behind those")
    return lines
