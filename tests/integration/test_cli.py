"""The command line on a product that it scaffolded itself, from two CSV files to releases.

One story, told once for the module: its tests look at what each command printed on the way.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assay.cli.main import run

sys.path.append(str(Path(__file__).resolve().parents[1]))
from project_copy import copy_project, deliver, use_project

ORDERS = """order_id,customer,amount,paid,at,zip
1,C1,10.50,true,2024-01-01T10:00:00Z,01234
2,C1,3,false,2024-01-02T10:00:00Z,99999
3,C2,NA,true,2024-01-03T00:00:00Z,00001
"""
MORE_ORDERS = """order_id,customer,amount,paid,at,zip
4,C9,7.25,true,2024-02-01T10:00:00Z,01234
5,C9,much,true,2024-02-02T10:00:00Z,01234
"""
CUSTOMERS = "Customer ID,Full Name,E-mail\nC1,Ada,ada@x.org\nC2,Bob,\n"
WITHOUT_COLUMNS = "Customer ID\nC3\n"


@dataclass(frozen=True)
class Story:
    """What each step of the story printed, by name."""

    project: Path
    steps: dict[str, Result]

    def __getitem__(self, name: str) -> Result:
        return self.steps[name]


def assay(*arguments: str) -> Result:
    return CliRunner().invoke(run, list(arguments))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = copy_project(tmp_path_factory.mktemp("cli") / "project")
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "customers.csv").write_text(CUSTOMERS)
    with pytest.MonkeyPatch.context() as patch:
        use_project(patch, folder)
        yield Story(folder, _tell(folder))


def _tell(folder: Path) -> dict[str, Result]:
    samples = ("--from", str(folder / "orders.csv"), "--from", str(folder / "customers.csv"))
    done = {"status before": assay("status"), "new": assay("new", "product", "shop", *samples)}
    done["new again"] = assay("new", "product", "shop")
    done["sql before"] = assay("sql", "select 1")
    deliver(folder, "shop/orders/first.csv", ORDERS)
    deliver(folder, "shop/customers/first.csv", CUSTOMERS)
    done["run 1"] = assay("run", "shop")
    done["idle"] = assay("run", "shop")
    done["sql json"] = assay(
        "sql", "select * from gold.fct_orders order by order_id", "--format", "json"
    )
    done["sql csv"] = assay(
        "sql", "select * from gold.fct_orders order by order_id", "--format", "csv"
    )
    done["lineage"] = assay("lineage", "gold.fct_orders")
    done["compiled"] = assay("contracts", "compile", "--check")
    deliver(folder, "shop/orders/second.csv", MORE_ORDERS)
    deliver(folder, "shop/customers/second.csv", WITHOUT_COLUMNS)
    done["run 2"] = assay("run", "shop")
    done["explain incomplete"] = assay("explain", "latest")
    done["blocked"] = assay("run", "shop")
    done["explain blocked"] = assay("explain", "latest")
    done["loads"] = assay("loads", "shop")
    refused = _first_word(done["loads"].output, " refused ")
    done["skip"] = assay("loads", "skip", refused, "--why", "a wrong file")
    done["skip released"] = assay("loads", "skip", _first_word(done["loads"].output, " released "))
    done["rollback"] = assay("rollback", "shop", "--to", "1", "--why", "a bad amount")
    done["rollback again"] = assay("rollback", "shop", "--to", "3", "--why", "no reason")
    done["explain rollback"] = assay("explain", "latest")
    done["status after rollback"] = assay("status", "shop")
    done["run withheld"] = assay("run", "shop")
    done["count after rollback"] = assay("sql", "select count(*) as n from gold.fct_orders")
    done["count in release 2"] = assay(
        "sql", "select count(*) as n from gold.fct_orders", "--release", "shop=2"
    )
    done["resume"] = assay("loads", "resume", "shop")
    done["run 4"] = assay("run", "shop")
    done["explain run 4"] = assay("explain", "latest")
    done["releases"] = assay("releases", "shop")
    done["show json"] = assay("releases", "show", "shop", "--format", "json")
    deliver(folder, "shop/customers/third.csv", CUSTOMERS.replace("Bob", "Rob"))
    done["run 5"] = assay("run", "shop")
    return done


def _first_word(text: str, mark: str) -> str:
    return next(line.split()[0] for line in text.splitlines() if mark in line)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("status before", 0),
        ("new", 0),
        ("new again", 1),
        ("sql before", 1),
        ("run 1", 0),
        ("idle", 0),
        ("lineage", 0),
        ("compiled", 0),
        ("run 2", 3),
        ("blocked", 1),
        ("explain blocked", 0),
        ("skip", 0),
        ("skip released", 2),
        ("rollback", 0),
        ("rollback again", 1),
        ("run withheld", 0),
        ("resume", 0),
        ("run 4", 0),
    ],
)
def test_exit_codes(story: Story, step: str, code: int) -> None:
    assert story[step].exit_code == code, story[step].output


def test_nothing_is_readable_before_the_first_release(story: Story) -> None:
    assert story["status before"].output == "No product yet. Start one: assay new product <name>\n"
    assert "nothing is released yet" in story["sql before"].stderr


def test_a_scaffold_is_never_overwritten(story: Story) -> None:
    assert "there is a product 'shop' already: nothing was written" in story["new again"].stderr
    assert "contracts/shop" in story["new again"].stderr


def test_a_run_ends_with_its_summary(story: Story) -> None:
    lines = story["run 1"].stdout.splitlines()
    assert lines[1].startswith("Release 1 of shop (13 checks passed), by run shell-")
    assert [line.split() for line in lines if line.startswith("gold.")] == [
        ["gold.fct_orders", "*", "3", "0", "1", "0", "0", "0"]
    ]
    assert "Quarantined: no row of 2 loads" in lines
    assert '  assay sql "select * from gold.fct_orders limit 5"' in lines


def test_nothing_new_is_no_work(story: Story) -> None:
    assert story["idle"].stdout == "Nothing new for shop: no delivery and no change.\n"


def test_json_keeps_types_and_moments(story: Story) -> None:
    assert json.loads(story["sql json"].stdout) == [
        {
            "order_id": number,
            "customer": customer,
            "amount": amount,
            "paid": paid,
            "at": at,
            "zip": zip_code,
        }
        for number, customer, amount, paid, at, zip_code in [
            (1, "C1", 10.5, True, "2024-01-01T10:00:00Z", "01234"),
            (2, "C1", 3.0, False, "2024-01-02T10:00:00Z", "99999"),
            (3, "C2", None, True, "2024-01-03T00:00:00Z", "00001"),
        ]
    ]


def test_csv_has_a_header_and_empty_nulls(story: Story) -> None:
    assert list(csv.reader(io.StringIO(story["sql csv"].stdout))) == [
        ["order_id", "customer", "amount", "paid", "at", "zip"],
        ["1", "C1", "10.5", "true", "2024-01-01T10:00:00Z", "01234"],
        ["2", "C1", "3.0", "false", "2024-01-02T10:00:00Z", "99999"],
        ["3", "C2", "", "true", "2024-01-03T00:00:00Z", "00001"],
    ]


def test_lineage_leads_back_to_the_landing_zone(story: Story) -> None:
    text = story["lineage"].output
    assert text.startswith("gold.fct_orders, version 0, ")
    for table in ("silver.shop__orders", "bronze.bronze_shop__orders", "landing.shop.orders"):
        assert table in text


def test_quarantined_rows_are_counted_by_rule_and_refusals_named(story: Story) -> None:
    text = story["run 2"].stdout
    assert "  quarantine.shop__orders: 1 row\n    amount_type: 1\n" in text
    assert (
        "refused: deliveries/shop/customers/second.csv: line 1: columns 'Full Name', 'E-mail' are"
        in text
    )


def test_a_run_that_left_refused_loads_says_that_it_is_incomplete(story: Story) -> None:
    assert "Release 2 of shop (" in story["run 2"].stdout
    told = story["run 2"].stderr
    assert "error: the run was published without what was refused: deliveries/shop/cust" in told
    answer = "what to do: have it delivered again, correct its contract, or skip it: "
    assert f"{answer}`assay loads skip shop-" in told
    text = story["explain incomplete"].output
    assert " published release 2." in text
    assert "Error in deliveries:\n  the run was published without what was refused" in text


def test_a_later_summary_names_rows_that_still_wait(story: Story) -> None:
    assert (
        "Quarantined: no row of 1 load\n"
        "Still waiting in quarantine, of earlier loads:\n"
        "  quarantine.shop__orders: 1 row\n"
    ) in story["run 5"].stdout


def test_a_blocked_run_is_explained(story: Story) -> None:
    assert (
        "what to do: have it delivered again, correct its contract, or skip it"
        in story["blocked"].stderr
    )
    text = story["explain blocked"].output
    assert "failed in land and published nothing; readers see release 2." in text
    assert "Error in land:\n  a delivery was refused: deliveries/shop/customers/second.csv" in text


def test_loads_are_listed_with_what_becomes_of_them(story: Story) -> None:
    rows = [line.split() for line in story["loads"].output.splitlines()]
    listed = [(row[1], row[2]) for row in rows if row and row[0].startswith("shop-")][:4]
    assert listed == [
        ("customers", "released"),
        ("orders", "released"),
        ("customers", "refused"),
        ("orders", "released"),
    ]


def test_a_rollback_withholds_what_came_later(story: Story) -> None:
    assert story["rollback"].output.startswith(
        "Release 3 of shop is published: the tables of release 1, in place of release 2.\n"
        "1 load withheld until `assay loads resume shop`:\n"
    )
    assert "is the current one: there is nothing to roll back" in story["rollback again"].stderr
    assert "rolls back release 2 to 1: a bad amount" in story["explain rollback"].output
    assert "1 load withheld" in story["status after rollback"].output
    assert "1 load withheld since a rollback" in story["run withheld"].stdout
    assert story["count after rollback"].stdout.split() == ["n", "-", "3"]
    assert story["count in release 2"].stdout.split() == ["n", "-", "4"]


def test_resumed_loads_come_back(story: Story) -> None:
    assert story["resume"].output.startswith("1 load resumed:\n")
    text = story["run 4"].stdout
    assert "Release 4 of shop" in text
    assert "gold.fct_orders * " in text
    assert "from release 3" in story["explain run 4"].output
    kinds = [line.split()[4] for line in story["releases"].output.splitlines()[2:]]
    assert kinds == ["publish", "publish", "rollback", "publish"]


def test_a_release_shows_path_and_version_of_each_table(story: Story) -> None:
    shown = json.loads(story["show json"].stdout)
    assert shown["release"] == 4
    table = shown["tables"]["gold.fct_orders"]
    assert (Path(table["path"]) / "_delta_log").is_dir()
    assert table["rows"] == 4


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("copy (select 1) to 'x.csv'", "a COPY statement was given, but `assay sql` only reads"),
        ("explain analyze copy (select 1) to 'x.csv'", "a COPY statement was given"),
        ("select 1; drop view gold.fct_orders", "2 statements were given"),
        ("from read_text('/etc/hostname')", "the query reads read_text: expected tables by name"),
        ("from gold.fct_nothing", "Table with name fct_nothing does not exist"),
        ("select cast(zip || 'x' as integer) from gold.fct_orders", "Could not convert string"),
        ("selec", "syntax error"),
        ("selec", "what to do: mend it: queries are in DuckDB's SQL"),
    ],
)
def test_queries_only_read(story: Story, query: str, message: str) -> None:
    done = assay("sql", query)
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert not (Path.cwd() / "x.csv").exists()


@pytest.mark.parametrize(
    "query",
    [
        "describe gold.fct_orders",
        "explain select 1",
        "summarize gold.fct_orders",
        "show all tables",
        "pivot gold.fct_orders on paid using count(*) group by customer",
        "values (1)",
        "/* all */ from range(2)",
    ],
)
def test_every_reading_statement_is_welcome(story: Story, query: str) -> None:
    done = assay("sql", query)
    assert done.exit_code == 0, done.stderr


def test_a_killed_run_is_told_apart_and_its_candidates_are_readable(story: Story) -> None:
    deliver(story.project, "shop/orders/third.csv", MORE_ORDERS.replace("\n5,", "\n6,"))
    program = "import importlib, os;"
    program += "stages = importlib.import_module('assay.pipeline.run_product');"
    program += "stages.audit_layer = lambda *arguments: os.kill(os.getpid(), 9);"
    program += "from assay.cli.main import run; run(['run', 'shop'])"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9

    status = assay("status", "shop").output
    killed = next(line for line in status.splitlines() if " killed " in line).split()[0]
    assert f'assay sql --run {killed} "from bronze.bronze_shop__orders"' in status
    rows = assay("sql", "--run", killed, "select count(*) as n from bronze.bronze_shop__orders")
    assert rows.stdout.split() == ["n", "-", "7"]
    assert "was killed in or after bronze" in assay("explain", killed).output

    again = assay("run", "shop")
    assert again.exit_code == 0, again.stderr
    assert "superseded" not in again.stdout
    assert f"Run {killed} of shop was killed" in assay("explain", killed).output


def test_help_starts_fast() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "assay", "--help"], capture_output=True, text=True, check=True
    )
    assert time.monotonic() - began < 2.0
    assert "Take a product from its deliveries to a release." in done.stdout
