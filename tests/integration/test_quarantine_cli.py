"""`assay quarantine` as a person types it: one story, from broken rows to settled ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small_product import SmallProduct, make_small_product

from assay.cli.main import run

ORDERS = "order,item,price\n1,pen,1.50\n2,it's ink,-1\n3,cap,x\n4,nib,-4\n"


@dataclass(frozen=True)
class Story:
    """What each step printed, by name, and the load that holds the broken rows."""

    steps: dict[str, Result]
    load_id: str

    def __getitem__(self, name: str) -> str:
        """The text of a step, its moments made equal."""
        return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "<time>", self.steps[name].output)


def assay(*arguments: str) -> Result:
    return CliRunner().invoke(run, list(arguments))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    root = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGNAME", "ada")
        shop = make_small_product(root, patch, ("orders", "places"))
        shop.deliver("orders", "1.csv", ORDERS)
        shop.deliver("places", "1.csv", "place,city\nnorth,Oslo\nnorth,Paris\n")
        yield _tell(shop, root)


def _tell(shop: SmallProduct, root: Path) -> Story:
    file = root / "orders.csv"
    done = {"before": assay("quarantine"), "run": assay("run", "shop")}
    load_id = shop.loads("orders")[0].load_id
    done["list"] = assay("quarantine", "shop.orders")
    done["limited"] = assay("quarantine", "list", "shop.orders", "--limit", "1")
    done["by rule"] = assay("quarantine", "list", "shop", "--rule", "price_type")
    done["mistyped"] = assay("quarantine", "shop", "--load", load_id, "--rule", "price_typ")
    done["show"] = assay("quarantine", "show", load_id, "2")
    done["export"] = assay("quarantine", "export", "shop.orders", "--csv", str(file))
    file.write_text(file.read_text().replace('"-1"', '"1.00"'))
    left = shop.project.records.runs_of("shop")[0].run_id
    of_run = ("shop.orders", "--run", left)
    done["list of a run"] = assay("quarantine", *of_run)
    copy = str(file.with_name("left.csv"))
    done["export of a run"] = assay("quarantine", "export", *of_run, "--csv", copy)
    none = ("--rule", "none")
    done["no row of a run"] = assay("quarantine", *of_run, *none)
    done["no export of a run"] = assay("quarantine", "export", *of_run, *none, "--csv", f"{copy}.")
    done["no such row of a run"] = assay("quarantine", "show", load_id, "9", "--run", left)
    done["export again"] = assay("quarantine", "export", "shop.orders", "--csv", str(file))
    done["repair"] = assay("quarantine", "repair", "--from", str(file), "--why", "sign was wrong")
    done["show repaired"] = assay("quarantine", "show", load_id, "2")
    done["replay"] = assay("quarantine", "replay", "shop")
    done["replay again"] = assay("quarantine", "replay", "shop.orders")
    done["show replayed"] = assay("quarantine", "show", load_id, "2")
    done["discard"] = assay(
        "quarantine", "discard", load_id, "--all", "--rule", "price_type", "--why", "no price"
    )
    done["run 2"] = assay("run", "shop")
    done["explain"] = assay("explain", "latest")
    done["settled"] = assay("quarantine", "shop.orders", "--state", "discarded")
    done["settled of a run"] = assay("quarantine", *of_run, "--state", "discarded")
    done["reopen"] = assay("quarantine", "reopen", load_id, "3", "--why", "found the price")
    done["snapshot list"] = assay("quarantine", "shop.places")
    places = str(file.with_name("places.csv"))
    done["snapshot export"] = assay("quarantine", "export", "shop.places", "--csv", places)
    done["snapshot"] = assay("quarantine", "replay", "shop.places", "--as-is")
    folder, kept = shop.contract_path("orders").parent, root / "kept"
    folder.rename(kept)
    done["given up"] = assay("quarantine")
    kept.rename(folder)
    return Story(done, load_id)


def test_nothing_in_quarantine_is_said_so(story: Story) -> None:
    assert story["before"] == "No row is in quarantine.\n"


def test_rows_are_listed_with_states_and_rules_and_no_values(story: Story) -> None:
    assert story["list"] == (
        "table        open  repaired  replayed  discarded\n"
        "-----------  ----  --------  --------  ---------\n"
        "shop.orders     3         0         0          0\n"
        "\n"
        "shop.orders:\n"
        "  load                  row  state  first seen            rules broken   source\n"
        "  --------------------  ---  -----  --------------------  -------------  "
        "----------------------------\n"
        + "".join(
            f"  {story.load_id}    {row}  open   <time>  {rule:13}  deliveries/shop/orders/1.csv\n"
            for row, rule in ((2, "price_minimum"), (3, "price_type"), (4, "price_minimum"))
        )
        + f"  one row: assay quarantine show {story.load_id} 2\n"
        "  to mend: assay quarantine export shop.orders --csv FILE\n"
    )
    assert "  the first 1 of 3: --limit 0 lists all\n" in story["limited"]
    assert "shop.orders     1 " in story["by rule"]
    assert story["mistyped"] == (
        f"No row of shop of load {story.load_id} that broke the rule 'price_typ' is in"
        " quarantine.\n"
    )
    assert "ink" not in story["list"]


def test_one_row_is_shown_with_its_values_rules_and_history(story: Story) -> None:
    row = f"Row 2 of load {story.load_id} (shop.orders, deliveries/shop/orders/1.csv) is"
    assert story["show"] == (
        f"{row} open.\n"
        "First seen at <time>\n"
        "Rules broken:\n"
        "  price_minimum: price is at least 0\n"
        "column  as delivered\n"
        "------  ------------\n"
        "order   '2'\n"
        'item    "it\'s ink"\n'
        "price   '-1'\n"
    )
    assert story["show repaired"].startswith(f"{row} repaired.\n")
    assert "price   '-1'          '1.00'\n" in story["show repaired"]
    assert "  <time>  repaired by ada: sign was wrong\n" in story["show repaired"]
    replayed = story["show replayed"].splitlines()
    assert replayed[-2] == "  <time>  replayed by ada"
    assert re.fullmatch(r"It is row 1 of load shop-\S+ now, which is ready\.", replayed[-1])


def test_each_action_says_what_it_did_and_what_to_type_next(story: Story) -> None:
    assert story["export"].startswith("3 rows of quarantine.shop__orders written to ")
    assert "assay quarantine repair --from " in story["export"]
    assert story["repair"] == (
        "1 row of shop.orders repaired; 2 unchanged\n"
        "Send what is repaired again: assay quarantine replay shop.orders\n"
    )
    first, load, following = story["replay"].splitlines()
    assert first == "1 row of shop.orders sent again"
    assert load.endswith("  quarantine/shop/orders/000002.csv: 1 row")
    assert following == "The next run takes it: assay run shop"
    assert story["replay again"].startswith("Nothing to replay: no row of shop.orders is repaired.")
    assert story["discard"] == f"1 row of load {story.load_id} discarded\n"
    assert story["reopen"] == f"1 row of load {story.load_id} open again\n"
    assert "shop.orders     1         0         1          1\n" in story["settled"]


def test_an_export_does_not_replace_a_file_that_is_being_mended(story: Story) -> None:
    assert story.steps["export again"].exit_code == 1
    assert "the file is there already: it may hold texts that somebody" in story["export again"]
    # `repair` found what was mended in it.
    assert story["repair"].startswith("1 row of shop.orders repaired")


def test_what_a_run_left_is_to_look_at(story: Story) -> None:
    one, read = story["list of a run"].splitlines()[-2:]
    assert re.fullmatch(
        rf"  one row: assay quarantine show {story.load_id} 2 --run shell-\d+T\d+", one
    )
    run = one.rpartition(" ")[2]
    assert read == f"  to read: assay quarantine export shop.orders --csv FILE --run {run}"
    assert story["export of a run"].splitlines()[1:] == [
        "Read them there: `repair` takes rows of the current release alone"
    ]


def test_a_product_that_was_given_up_hides_no_other_ones_rows(story: Story) -> None:
    left_out = "warning: the quarantine of shop is left out: the product 'shop' has no contract"
    assert story["given up"] == f"{left_out}\nNo row is in quarantine.\n"


def test_rows_of_a_snapshot_are_to_look_at(story: Story) -> None:
    read = story["snapshot list"].splitlines()[-1]
    assert read == "  to read: assay quarantine export shop.places --csv FILE"
    assert story["snapshot export"].splitlines()[1:] == [
        "Read them there: a delivery is the whole table; have it delivered again, corrected"
    ]


@pytest.mark.parametrize("step", ["settled", "settled of a run"])
def test_settled_rows_are_not_offered_to_be_mended(story: Story, step: str) -> None:
    assert story[step].splitlines()[-1].startswith("  one row: assay quarantine show ")


def test_where_a_run_has_no_such_row_its_others_are_named(story: Story) -> None:
    run = story["list of a run"].split()[-1]
    rows = f"what to do: `assay quarantine list shop.orders --run {run}` lists its rows\n"
    assert story["no export of a run"].endswith(rows)
    assert story["no such row of a run"].endswith(rows)
    told = f"No row of shop.orders that broke the rule 'none' is in quarantine of run {run}.\n"
    assert story["no row of a run"] == told


def test_a_run_counts_what_still_waits(story: Story) -> None:
    assert "  quarantine.shop__orders: 3 rows\n" in story["run"]
    assert "  assay quarantine shop\n" in story["run"]
    assert "Quarantined: no row of 1 load\n" in story["run 2"]
    (line,) = (each for each in story["explain"].splitlines() if story.load_id in each)
    assert line.split() == [story.load_id, *["4", "1", "1", "0", "1", "1", "0"]]


def test_what_has_no_meaning_is_refused(story: Story) -> None:
    assert story.steps["snapshot"].exit_code == 1
    assert (
        "rows of shop.places cannot be sent again: a delivery is the whole table; have it delivered"
        " again, corrected\n"
    ) in story["snapshot"]
    failing = [name for name, done in story.steps.items() if done.exit_code]
    assert failing == [
        "no export of a run",
        "no such row of a run",
        "export again",
        "snapshot",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("discard", "shop-000001-x", "--why", "a"), 2, "name rows by their numbers, or all"),
        (("discard", "x", "1", "--all", "--why", "a"), 2, "name rows by their numbers, or all"),
        (("discard", "x", "1", "--rule", "r", "--why", "a"), 2, "--rule goes with --all only"),
        (("discard", "shop-000099-x", "1", "--why", "a"), 1, "there is no load 'shop-000099-x'"),
        (("discard", "shop-000099-x", "1"), 2, "Missing option '--why'"),
        (("discard", "shop-000099-x", "1", "--why", "  "), 2, "it is empty: say in a few words"),
        (("export", "shop", "--csv", "x"), 2, "expected PRODUCT.TABLE"),
        (("export", "shop.none", "--csv", "x"), 1, "shop has no landed table 'none'"),
        (("list", "none"), 1, "none"),
        (("list", "--run", "none"), 1, "there is no run 'none'"),
        (("list", "--state", "lost"), 2, "'lost' is not one of"),
        (("show", "shop-000099-x", "1"), 1, "there is no load"),
        (("repair", "--from", "/none.csv"), 1, "cannot be read: No such file"),
    ],
)
def test_what_makes_no_sense_is_told(
    story: Story, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = assay("quarantine", *arguments)
    assert (done.exit_code, told in done.output) == (code, True), done.output
