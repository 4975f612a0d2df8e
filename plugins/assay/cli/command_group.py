"""The command group: commands are imported when they are called, errors are shown to people."""

from __future__ import annotations

import errno
import importlib
import traceback
from collections.abc import Mapping
from typing import Any

import click

from assay.domain import did_you_mean
from assay.errors import AssayError

_INTERRUPTED = (
    "\nerror: interrupted\n"
    "  what to do: run the same command again; nothing has to be cleaned up before"
)
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
# As shells have it: 128, and the number of the signal.
_INTERRUPTED_EXIT_CODE = 130


class LazyGroup(click.Group):
    """A group that imports a command when it is called, so that ``--help`` stays fast.

    ``lazy`` maps a command's name to where it is (``module:attribute``) and its one-line help.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was called; of an unknown one say what is near."""
        if args and args[0] not in self._lazy and not args[0].startswith("-"):
            ctx.fail(f"No such command '{args[0]}'; {did_you_mean(args[0], self._lazy)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._lazy.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error becomes a message on stderr and its exit code."""
        is_debug = bool(ctx.params.get("debug"))
        try:
            return super().invoke(ctx)
        except AssayError as error:
            if is_debug:
                traceback.print_exc()
            click.echo(f"error: {error}", err=True)
            return ctx.exit(error.exit_code)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo(_INTERRUPTED, err=True)
            return ctx.exit(_INTERRUPTED_EXIT_CODE)
        except Exception as error:
            if is_debug:
                traceback.print_exc()
            click.echo(describe_unexpected(error), err=True)
        return ctx.exit(1)


class DefaultGroup(click.Group):
    """A group whose ``default`` command runs where the first word names no command of its own."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not (args and (args[0] in self.commands or args[0] == "--help")):
            args = [self._default, *args]
        return super().parse_args(ctx, args)


def describe_unexpected(error: Exception) -> str:
    """Say what the operating system refused; of what nobody foresaw, how to see where it was."""
    if isinstance(error, OSError) and (error.filename or error.errno in _DISK_IS_FULL):
        return (
            f"error: {error.strerror} ({type(error).__name__})\n"
            f"  where: {error.filename or 'a file that was written to'}\n"
            "  what to do: check the disk and the permissions there, and run the same command again"
        )
    lines = str(error).strip().splitlines()
    return (
        f"error: {type(error).__name__}: {lines[0] if lines else 'no message'}\n"
        "  this is not an error that Assay foresees\n"
        "  what to do: see where it happened with `assay --debug …`, and report it"
    )
