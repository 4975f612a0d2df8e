"""Which stage a run is in: a spinner on a terminal, one line a stage elsewhere. On stderr."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from assay.domain import Stage

if TYPE_CHECKING:
    from rich.status import Status


class StageProgress:
    """Shows the stages of one run as they pass, with the seconds that each took."""

    def __init__(self, product: str) -> None:
        self.stage: Stage | None = None
        self._product = product
        self._began = 0.0
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._end("")
        if self._status is not None:
            self._status.stop()

    def start(self, stage: Stage) -> None:
        """A stage begins; the one before has ended well."""
        self._end("")
        self.stage, self._began = stage, time.monotonic()
        if self._status is not None:
            self._status.update(f"{self._product}: {_words(stage)} …")

    def fail(self) -> None:
        """The stage that was started last has failed."""
        self._end("  FAILED")

    def _end(self, mark: str) -> None:
        if self.stage is None or not self._began:
            return
        line = f"{_words(self.stage):<14} {time.monotonic() - self._began:6.1f} s{mark}"
        self._began = 0.0
        if self._status is not None:
            self._status.console.print(line, highlight=False)
        else:
            click.echo(line, err=True)


def _words(stage: Stage) -> str:
    return stage.value.replace("_", " ")
