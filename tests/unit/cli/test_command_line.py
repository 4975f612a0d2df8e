"""The command group, and the texts that commands print."""

from __future__ import annotations

import importlib
import io
import json
import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from errno import EACCES, ENOSPC
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from assay.cli import main
from assay.cli.check_text import tell_check, tell_check_with_rows
from assay.cli.command_group import DefaultGroup, LazyGroup
from assay.cli.main import run
from assay.cli.new import choose_tables
from assay.cli.render import render_summary
from assay.cli.settings import mask
from assay.cli.sql import parse_pins
from assay.cli.sql_output import to_json, write_rows
from assay.cli.text_table import format_count, format_table, shorten
from assay.domain import CheckResult, CheckStatus, Severity, TableRef
from assay.errors import ReleaseError
from assay.pipeline.pending import PendingLoads
from assay.pipeline.summary import LineageSummary, QuarantineSummary, RunSummary, TableSummary
from assay.quality import CheckCounts
from check_results import make_check


def test_help_names_every_command_and_imports_none() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from assay.cli.main import run;"
        "print(CliRunner().invoke(run, ['--help']).output);"
        "heavy = {'assay.pipeline', 'duckdb', 'rich', 'requests', 'pyarrow', 'dbt'};"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    listed = done.stdout.partition("Commands:\n")[2].split("\n")
    assert [line.split()[0] for line in listed if line.strip()] == list(main._COMMANDS)


@pytest.mark.parametrize("name", list(main._COMMANDS))
def test_every_command_has_its_help(name: str) -> None:
    place, _ = main._COMMANDS[name]
    module, _, attribute = place.partition(":")
    command = getattr(importlib.import_module(f"assay.cli.{module}"), attribute)
    assert isinstance(command, click.Command)
    assert CliRunner().invoke(run, [name, "--help"]).exit_code == 0


def _group(error: BaseException) -> LazyGroup:
    @click.command()
    def fail() -> None:
        raise error

    module = importlib.import_module(__name__)
    module.fail = fail  # type: ignore[attr-defined]
    return LazyGroup(
        lazy={"fail": (f"{__name__}:fail", "Fail.")},
        params=[click.Option(["--debug"], is_flag=True)],
    )


def test_an_error_says_what_where_and_what_to_do() -> None:
    error = ReleaseError("there is no release 9", where="shop", todo="list them")
    done = CliRunner().invoke(_group(error), ["fail"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == ("error: there is no release 9\n  where: shop\n  what to do: list them\n")


def test_an_unexpected_error_is_short_and_debug_shows_where() -> None:
    group = _group(KeyError("secret"))
    short = CliRunner().invoke(group, ["fail"])
    assert short.exit_code == 1
    assert short.stderr.startswith("error: KeyError: 'secret'\n")
    assert "assay --debug" in short.stderr
    assert "Traceback" not in short.stderr
    assert "Traceback" in CliRunner().invoke(group, ["--debug", "fail"]).stderr


@pytest.mark.parametrize(
    ("error", "kind", "place"),
    [
        (PermissionError(EACCES, "no right", "/x/y"), "no right (PermissionError)", "/x/y"),
        (OSError(ENOSPC, "no space"), "no space (OSError)", "a file that was written to"),
    ],
)
def test_what_the_system_refuses_is_told_with_its_place(
    error: OSError, kind: str, place: str
) -> None:
    refused = CliRunner().invoke(_group(error), ["fail"])
    assert (refused.exit_code, refused.stderr) == (
        1,
        f"error: {kind}\n"
        f"  where: {place}\n"
        "  what to do: check the disk and the permissions there, and run the same command again\n",
    )


def test_ctrl_c_ends_with_the_code_of_its_signal_and_says_what_to_do() -> None:
    stopped = CliRunner().invoke(_group(KeyboardInterrupt()), ["fail"])
    assert (stopped.exit_code, stopped.stderr) == (
        130,
        "\nerror: interrupted\n"
        "  what to do: run the same command again; nothing has to be cleaned up before\n",
    )


@pytest.mark.parametrize("arguments", [["nosuch"], ["run"], ["sql"], ["rollback", "x"]])
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(run, arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "printed"), [([], "all"), (["shop"], "shop"), (["show", "shop"], "shown shop")]
)
def test_a_group_without_a_command_lists(arguments: list[str], printed: str) -> None:
    @click.group(cls=DefaultGroup, default="list")
    def group() -> None:
        """Hold two commands."""

    @group.command("list")
    @click.argument("product", default="all")
    def list_all(product: str) -> None:
        click.echo(product)

    @group.command("show")
    @click.argument("product")
    def show(product: str) -> None:
        click.echo(f"shown {product}")

    assert CliRunner().invoke(group, arguments).output == f"{printed}\n"


class Result:
    """Rows as DuckDB gives them."""

    def __init__(self, names: list[tuple[str, str]], rows: list[tuple[object, ...]]) -> None:
        self.description = names
        self._rows = rows

    def fetchmany(self, size: int) -> list[tuple[object, ...]]:
        batch, self._rows = self._rows[:size], self._rows[size:]
        return batch


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (2**63, "9223372036854775808"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (float("nan"), '"NaN"'),
        (0.1, "0.1"),
        ('a"é', '"a\\"é"'),
        (date(2024, 1, 2), '"2024-01-02"'),
        (datetime(2024, 1, 2, 3, tzinfo=UTC), '"2024-01-02T03:00:00Z"'),
        (datetime(2024, 1, 2, 3), '"2024-01-02T03:00:00"'),
        (b"\x00\xff", '"00ff"'),
        ({"a": [1, None]}, '{"a": [1, null]}'),
    ],
)
def test_values_as_json(value: object, text: str) -> None:
    assert to_json(value) == text
    json.loads(text)


def test_json_tells_columns_of_one_name_apart() -> None:
    out = io.StringIO()
    write_rows(Result([("n", "INTEGER"), ("n", "INTEGER")], [(1, 2), (3, 4)]), "json", out)
    assert json.loads(out.getvalue()) == [{"n": 1, "n_2": 2}, {"n": 3, "n_2": 4}]


def test_no_rows_are_an_empty_array_and_a_header() -> None:
    for style, text in (("json", "[]\n"), ("csv", "n\n"), ("table", "n\n-\n")):
        out = io.StringIO()
        assert not write_rows(Result([("n", "VARCHAR")], []), style, out)
        assert out.getvalue() == text


def test_a_table_shows_the_first_rows_and_says_so() -> None:
    out = io.StringIO()
    rows: list[tuple[object, ...]] = [(1, "a"), (22, None), (3, "c")]
    assert write_rows(Result([("n", "INTEGER"), ("t", "VARCHAR")], rows), "table", out, limit=2)
    assert out.getvalue() == " n  t\n--  ----\n 1  a\n22  NULL\n"


def test_a_table_keeps_a_row_on_its_line_and_only_numbers_to_the_right() -> None:
    columns = [("n", "DECIMAL(4,1)"), ("t", "VARCHAR"), ("o", "STRUCT(a INTEGER)[]")]
    out = io.StringIO()
    write_rows(Result(columns, [(Decimal("1.5"), "a\r\nä\x1b[2J", [])]), "table", out)
    assert out.getvalue() == (
        "  n  t              o\n---  -------------  --\n1.5  a\\r\\nä\\x1b[2J  []\n"
    )


def test_tables_align_numbers_to_the_right() -> None:
    text = format_table(("table", "rows"), [("a", 1200), ("long name", 3)], right=("rows",))
    assert text == "table       rows\n---------  -----\na          1,200\nlong name      3"


@pytest.mark.parametrize(("number", "text"), [(0, "0 loads"), (1, "1 load"), (2000, "2,000 loads")])
def test_counts(number: int, text: str) -> None:
    assert format_count(number, "load") == text


@pytest.mark.parametrize(
    ("variable", "value", "shown"),
    [
        ("VAULT_ROLE_ID", "abc", "***"),
        ("VAULT_ROLE_ID", "", ""),
        ("ASSAY_WEBHOOK_URL", "https://x/token", "***"),
        ("ASSAY_LINEAGE_URL", "http://me:pw@x:5000/a", "http://***@x:5000/a"),
        ("ASSAY_LAKE", "lake", "lake"),
    ],
)
def test_secrets_are_masked(variable: str, value: str, shown: str) -> None:
    assert mask(variable, value) == shown


@pytest.mark.parametrize("pin", ["shop", "shop=", "=1", "shop=x", "shop=²"])
def test_a_pin_is_product_and_number(pin: str) -> None:
    assert parse_pins(("shop=3", "other=1")) == {"shop": 3, "other": 1}
    with pytest.raises(click.UsageError, match="expected PRODUCT=N"):
        parse_pins((pin,))


def test_samples_name_their_tables(tmp_path: Path) -> None:
    file = tmp_path / "My Orders.csv"
    file.write_text("a\n1\n")
    assert choose_tables(("visits",), (str(file), f"sales={file}")) == {
        "my_orders": file,
        "sales": file,
        "visits": None,
    }
    with pytest.raises(click.UsageError, match="there is no file"):
        choose_tables((), ("nowhere.csv",))
    with pytest.raises(click.UsageError, match="has a file already"):
        choose_tables((), (f"a={file}", f"a={file}"))


def failed_check(**changes: Any) -> CheckResult:
    """Make a warning that found seven rows too many."""
    warned: dict[str, Any] = {
        "version": 2,
        "check": "few_unknown",
        "column": "zip",
        "severity": Severity.WARNING,
        "status": CheckStatus.FAILED,
        "observed": "7 rows",
        "expected": "at most 5",
    }
    return make_check(**warned | changes)


def test_a_summary_as_text() -> None:
    def table(name: str, rows: int, version: int, is_new: bool, **checks: int) -> TableSummary:
        return TableSummary(TableRef.parse(name), rows, version, is_new, CheckCounts(**checks))

    warned = failed_check()
    summary = RunSummary(
        product="shop",
        run_id="shell-1",
        release=3,
        loads=("shop-000001-a",),
        tables=(
            replace(
                table("gold.fct_orders", 12345, 2, True, passed=7, warned=1), not_passed=(warned,)
            ),
            table("quarantine.shop__customers", 0, 0, False, passed=2),
            table("quarantine.shop__orders", 2, 1, True, passed=2),
        ),
        quarantined=(
            QuarantineSummary(
                TableRef.parse("quarantine.shop__orders"),
                2,
                {"amount_type": 2, "zip_required": 1},
                earlier_rows=1,
            ),
            QuarantineSummary(TableRef.parse("quarantine.shop__customers"), 0, {}, earlier_rows=5),
        ),
        repeated_rows={f"{n}.csv": n for n in range(1, 13)},
        pending=PendingLoads((), (), (), ()),
        lineage=LineageSummary(Path("lake/events.ndjson"), "http://marquez:5000", 4),
        next_commands=("assay explain shell-1",),
    )
    assert render_summary(summary) == (
        "Release 3 of shop (11 checks passed, 1 warned), by run shell-1\n"
        "table                        rows  version  passed  warned  failed  errored\n"
        "-------------------------  ------  -------  ------  ------  ------  -------\n"
        "gold.fct_orders *          12,345        2       7       1       0        0\n"
        "quarantine.shop__orders *       2        1       2       0       0        0\n"
        "* this run made this version; 1 quarantine table without rows not listed\n"
        "\n"
        "Checks that did not pass:\n"
        "  gold.fct_orders@2: few_unknown on zip failed (warning):"
        " found 7 rows, expected at most 5\n"
        "Quarantined of 1 load (a row that broke two rules counts under both):\n"
        "  quarantine.shop__orders: 2 rows\n"
        "    amount_type: 2\n"
        "    zip_required: 1\n"
        "Still waiting in quarantine, of earlier loads:\n"
        "  quarantine.shop__orders: 1 row\n"
        "  quarantine.shop__customers: 5 rows\n"
        "Delivered before, and kept once: 78 rows. Nothing is to be done.\n"
        + "".join(f"  {n}.csv: {n} row{'s' if n > 1 else ''}\n" for n in range(1, 11))
        + "  and 2 more files: assay explain shell-1\n"
        "Lineage: lake/events.ndjson\n"
        "  and http://marquez:5000; 4 events not delivered yet, kept in the lake"
        " (send again: `assay lineage --resend`)\n"
        "\n"
        "What to type next:\n"
        "  assay explain shell-1"
    )


def test_a_long_list_is_cut_and_counted() -> None:
    lines = [f"  load {n}" for n in range(12)]
    assert shorten(lines, "load", "assay loads shop") == [
        *lines[:10],
        "  and 2 more loads: assay loads shop",
    ]


def test_a_list_is_not_cut_for_one_line() -> None:
    lines = [f"load {n}" for n in range(11)]
    assert shorten(lines, "load", "assay loads shop") == lines


@pytest.mark.parametrize(
    "command",
    [
        ["sql", "select 1", "--limit", "-3"],
        ["quarantine", "list", "--limit", "-3"],
        ["status", "--runs", "-3"],
        ["trigger", "flights", "--timeout", "-3"],
    ],
    ids=lambda command: command[0],
)
def test_a_number_below_zero_is_refused(command: list[str]) -> None:
    done = CliRunner().invoke(run, command)
    assert done.exit_code == 2
    assert "-3" in done.stderr


def test_an_unknown_command_is_refused_with_what_is_near() -> None:
    done = CliRunner().invoke(run, ["quarentine", "flights"])
    assert done.exit_code == 2
    assert "No such command 'quarentine'; did you mean quarantine?" in done.stderr


@pytest.mark.parametrize(("options", "is_told"), [([], False), (["--debug"], True)])
def test_retries_of_a_connection_are_told_to_those_who_debug(
    options: list[str], is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("urllib3")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    CliRunner().invoke(run, [*options, "settings"])
    assert logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING) is is_told


def test_a_check_by_a_query_is_told_without_it_and_with_the_command_that_runs_it() -> None:
    query = "select * from gold.fct_orders where (status in ('a')) is false"
    message = f"status is known does not hold: expected no row of: {query}; found 7"
    check = failed_check(check="known", column="", expected=f"no row of: {query}", message=message)
    line = "  gold.fct_orders@2: known failed (warning): status is known does not hold: found 7"
    assert tell_check(check) == line
    quoted = "select * from gold.fct_orders where (status in ('\"'\"'a'\"'\"')) is false"
    assert tell_check_with_rows(check, "run-1") == (
        f"{line}\n    its rows: assay sql --run run-1 '{quoted}'"
    )


def test_a_check_without_a_query_names_no_command() -> None:
    check = failed_check()
    assert tell_check_with_rows(check, "run-1") == tell_check(check)
