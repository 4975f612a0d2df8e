"""The reason that somebody must give for an action, which stays in the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def required_reason() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the option ``--why`` of a command that takes a ``reason``; blanks are none."""
    return click.option(
        "--why", "reason", required=True, callback=_stripped, help="The reason, for the record."
    )


def _stripped(_context: click.Context, _option: click.Parameter, reason: str) -> str:
    if not reason.strip():
        raise click.BadParameter("it is empty: say in a few words why")
    return reason.strip()
