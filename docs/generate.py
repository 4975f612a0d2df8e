"""Write the reference pages that follow from the code. ``make docs`` runs it.

With ``--check`` nothing is written: it exits with 1 where a page differs.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import pyarrow as pa

from assay import errors
from assay.cli.main import run as assay
from assay.config import setting_rows
from assay.domain import (
    Candidate,
    CheckResult,
    DayMeasure,
    GateRecord,
    Load,
    LoadBalance,
    LoadHold,
    Measure,
    OverdueNotice,
    QuarantineEntry,
    Release,
    Run,
    StageEvent,
    UnitTestPass,
)
from assay.pipeline.retention import RetiredRelease
from assay.quality.coverage import coverage
from assay.records.arrow_schema import record_schema

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by `make docs` from {source}. Do not edit. -->"
# Variables that are read elsewhere than in assay.config, with where.
_OTHER_VARIABLES = (
    (
        "ASSAY_PROJECT",
        "the nearest folder at or above the working directory with contracts/ and dbt_project/,"
        " else the clone that the package was installed from",
        "The project's root.",
    ),
    ("AIRFLOW_HOME", "airflow-home", "Airflow's own folder: database, logs, passwords, keys."),
    ("AIRFLOW_PORT", "8080", "Port of Airflow's web UI and API."),
    (
        "ASSAY_METADATA_URL",
        "SQLite in AIRFLOW_HOME",
        "SQLAlchemy address of Airflow's metadata database.",
    ),
    (
        "ASSAY_ADMIN_PASSWORD",
        "random, made once",
        "Password of Airflow's user admin.",
    ),
    ("ASSAY_API_URL", "http://127.0.0.1:8080", "Where the health checks find Airflow's API."),
    ("VAULT_CACERT", "", "Certificate authority that Vault's TLS certificate is checked against."),
    ("PYTHON", "python3", "Interpreter that `make setup` makes .venv with."),
    ("PYTEST_ARGS", "", "Further arguments of `make test` and `make soak`."),
)
# In lake/_assay: the table's name and the type of its records.
_RECORDS: dict[str, type] = {
    "loads": Load,
    "load_holds": LoadHold,
    "runs": Run,
    "stage_events": StageEvent,
    "candidates": Candidate,
    "checks": CheckResult,
    "unit_tests": UnitTestPass,
    "measures": Measure,
    "day_measures": DayMeasure,
    "load_balances": LoadBalance,
    "gate_decisions": GateRecord,
    "overdue_notices": OverdueNotice,
    "quarantine_ledger": QuarantineEntry,
    "releases": Release,
    "retired_releases": RetiredRelease,
}


def render_pages() -> dict[Path, str]:
    """Write every generated page, by path."""
    return {
        REFERENCE / "settings.md": _settings(),
        REFERENCE / "commands.md": _commands(),
        REFERENCE / "make.md": _make_targets(),
        REFERENCE / "errors.md": _errors(),
        REFERENCE / "records.md": _records(),
        REFERENCE / "expectations.md": _expectations(),
    }


def walk_commands(
    command: click.Command = assay, name: str = "assay", parent: click.Context | None = None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield each command below one, with its full name and a context to ask it with."""
    context = click.Context(
        command,
        info_name=name.rpartition(" ")[2],
        parent=parent,
        **command.context_settings,
    )
    yield name, command, context
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            child = command.get_command(context, each)
            if child is not None:
                yield from walk_commands(child, f"{name} {each}", context)


def make_targets() -> list[tuple[str, str]]:
    """List the Makefile's targets with what they do."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.findall(r"^([a-z-]+):.*?## (.*)$", text, flags=re.MULTILINE)


def _settings() -> str:
    rows = [(f"`{name}`", _code(default), meaning) for name, default, meaning in setting_rows()]
    others = [(f"`{name}`", default, meaning) for name, default, meaning in _OTHER_VARIABLES]
    return _page(
        "Settings",
        "`plugins/assay/config.py`",
        "Settings are environment variables. They are read when a command or a task starts, so a"
        " change needs no restart of anything but Airflow. `assay settings` lists them with the"
        " values that they have now; secrets are masked. An empty variable counts as not set.",
        _table(("variable", "default", "meaning"), rows),
        "## Read outside the package's settings",
        "By the Makefile, by Airflow's start-up in `deploy/airflow/`, by the Vault client, or to"
        " find the project.",
        _table(("variable", "default", "meaning"), others),
        "Airflow's own settings (`AIRFLOW__…`) are set in `deploy/airflow/environment.py`; one"
        " that is set already wins. `.env` of the compose stack is described in"
        " [Run in docker compose](../how-to/docker-compose.md).",
    )


def _commands() -> str:
    found = list(walk_commands())
    index = [
        (f"[`{name}`](#{_anchor(name)})", _first_sentence(command))
        for name, command, _ in found
        if not isinstance(command, click.Group)
    ]
    sections = [_command(*each) for each in found]
    return _page(
        "Commands",
        "the command line itself",
        "`assay` and `python -m assay` are the same. A command exits with 0 when it did what it"
        " says, with 1 when it could not (the error names what was found, where, and what to do),"
        " with 2 when it was called wrongly, and `assay run` with 3 when it published a release but"
        " refused deliveries wait for an answer. Ctrl-C ends it with 130. Figures and results go to"
        " stdout, progress and errors to stderr.",
        _table(("command", "what it does"), index),
        *sections,
    )


def _command(name: str, command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    paragraphs = [" ".join(each.split()) for each in (command.help or "").split("\n\n")]
    options = [
        (_code(record[0]), _sentence(record[1]))
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context))
    ]
    parts = [f"## `{name}`", f"```\n{name} {usage}\n```", *paragraphs]
    if options:
        parts.append(_table(("option", "meaning"), options))
    return "\n\n".join(parts)


def _make_targets() -> str:
    rows = [(f"`make {name}`", meaning) for name, meaning in make_targets()]
    return _page(
        "Make targets",
        "`Makefile`",
        "`make` alone lists them. Continuous integration calls the same targets.",
        _table(("target", "what it does"), rows),
    )


def _errors() -> str:
    tree = [error for error in _error_classes() if error is not errors.AssayError]
    rows = [
        (
            f"`{error.code}`",
            error.__name__,
            "yes" if error.retryable else "",
            inspect.cleandoc(error.__doc__ or "").replace("\n", " "),
        )
        for error in tree
    ]
    return _page(
        "Error codes",
        "`plugins/assay/errors.py`",
        "Each error says what was found, where, and what to do. Its code is stable: the record"
        " `stage_events`, the log of a task and the webhook's notification carry it. Where"
        " *retryable* says yes the same call may succeed later without anyone acting, so Airflow"
        " tries the task again; every other error fails it at once. (Some errors of the codes"
        " `secret` and `source` are retryable as well: a connection that was refused, for"
        " example.) An exception that is not in this list is reported as `unexpected`.",
        _table(("code", "class", "retryable", "meaning"), rows),
    )


def _error_classes() -> list[type[errors.AssayError]]:
    return [
        each
        for each in vars(errors).values()
        if inspect.isclass(each) and issubclass(each, errors.AssayError)
    ]


def _records() -> str:
    sections = []
    for name, kind in _RECORDS.items():
        paragraphs = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
        text = "\n\n".join(" ".join(each.split()) for each in paragraphs).replace("``", "`")
        columns = [(f"`{field.name}`", _type(field.type)) for field in record_schema(kind)]
        sections += [f"## `{name}`", text, _table(("column", "type"), columns)]
    return _page(
        "Record tables",
        "`plugins/assay/domain`",
        "What the platform knows about its own work is kept as Delta tables under"
        " `lake/_assay/`. Rows are only ever added. Any engine that reads Delta can query them; in"
        " Python: `deltalake.DeltaTable('lake/_assay/runs').to_pyarrow_table()`. Text that"
        " holds a mapping is JSON. Times are UTC.",
        *sections,
    )


def _expectations() -> str:
    found = coverage()
    rows = [
        (f"`{each.type}`", each.checked_by if each.is_checked else "**refused**", each.note)
        for each in found
    ]
    refused = sum(not each.is_checked for each in found)
    return _page(
        "Expectations",
        "`plugins/assay/quality/coverage.py`",
        f"Great Expectations has {len(found)} core expectations. An audit checks"
        f" {len(found) - refused} of them in DuckDB, without loading the table, and refuses"
        f" {refused} when the suite is read: nothing that cannot be checked counts as passed.",
        "Each that is checked is compared with the same expectation on Great Expectations' pandas"
        " engine (`tests/unit/quality/test_coverage.py`): success, number of unexpected, missing"
        " and all rows, and the observed value, over data with NULLs, without, of one row, all"
        " NULL and empty; negative numbers, decimals, dates, timestamps and texts beyond ASCII;"
        " with `mostly` and with `row_condition`. They are equal but for what is said in the last"
        " column. The test asks Great Expectations which expectations there are, so it fails when"
        " a new version brings another.",
        _table(("expectation", "checked by", "note"), rows),
        "Expectations of your own, suite parameters (`$PARAMETER`) and arguments that Great"
        " Expectations does not take are refused as well. Whatever is not in the table can be"
        " written as `unexpected_rows_expectation`: a query that finds the rows which should not"
        " be there, one SELECT. Anything else in its place is not executed: the check errors.",
    )


def _type(kind: pa.DataType) -> str:
    names = {"string": "text", "int64": "integer", "double": "number", "bool": "boolean"}
    if pa.types.is_list(kind):
        return "list of text"
    return names.get(str(kind), "timestamp" if pa.types.is_timestamp(kind) else str(kind))


def _page(title: str, source: str, *parts: str) -> str:
    return "\n\n".join([_NOTE.format(source=source), f"# {title}", *parts]) + "\n"


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{text}`" if text else "(empty)"


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _first_sentence(command: click.Command) -> str:
    return _sentence((command.help or "").split("\n\n")[0])


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` name those that differ."""
    differing = [
        (path, text)
        for path, text in render_pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in differing:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if differing and "--check" in arguments:
        sys.stderr.write("these pages differ from the code: run `make docs`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
