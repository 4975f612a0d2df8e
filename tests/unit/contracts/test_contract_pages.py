"""The page of a contract: what a reader who is no engineer is told, and that texts stay texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract_files import ContractFolder, Document, column, custom, schema
from markdown_it import MarkdownIt

from assay.contracts import compile_contracts, read_contracts


def _page(contracts: ContractFolder, table: str = "orders") -> str:
    files = compile_contracts(read_contracts(contracts.folder, "shop"))
    return files[f"docs/contracts/shop/{table}.md"]


def _section(page: str, title: str) -> str:
    """One section's text, without its heading."""
    (found,) = [part for part in page.split("\n## ") if part.startswith(title + "\n")]
    return found.removeprefix(title).strip()


def _titles(page: str) -> list[str]:
    return [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]


def _gold(document: Document) -> None:
    custom(document, "deliveryMode", None)
    custom(document, "layer", "gold")


def test_the_page_of_a_small_landed_table(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        schema(document)["properties"] = [column(document, "id"), column(document, "status")]
        column(document, "status").update(
            description="Where it is.", physicalName="State", logicalTypeOptions={"maxLength": 9}
        )

    contracts.write(change)
    assert _page(contracts) == (Path(__file__).parent / "orders_page.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("severity", "landed", "gold"),
    [
        (
            "critical",
            "the row goes to quarantine",
            "the run stops; readers keep the release before",
        ),
        ("warning", "the row stays; the run warns and goes on", "the run warns and goes on"),
        ("info", "the row stays; it is noted; the run goes on", "it is noted; the run goes on"),
    ],
)
def test_what_a_broken_row_rule_does_is_said(
    contracts: ContractFolder, severity: str, landed: str, gold: str
) -> None:
    rule = {"type": "custom", "engine": "assay", "name": "cheap", "implementation": "price < 9"}

    def change(document: Document) -> None:
        schema(document)["quality"] = [rule | {"severity": severity}]

    def said(page: str) -> str:
        return _section(page, "Rules that each row keeps").splitlines()[-1]

    contracts.write(change)
    assert said(_page(contracts)) == f"| `cheap` | it holds: `price < 9` | {severity} | {landed} |"
    contracts.write(lambda document: (change(document), _gold(document)))
    assert said(_page(contracts)) == f"| `cheap` | it holds: `price < 9` | {severity} | {gold} |"


def test_the_rules_of_a_whole_table(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        column(document, "status")["unique"] = True
        schema(document)["quality"] = [
            {"metric": "rowCount", "mustBeBetween": [1, 5], "name": "few", "severity": "warning"},
            {"metric": "rowCount", "mustBeLessThan": 9, "name": "told", "description": "a | b"},
            {"type": "sql", "query": "select max(id) from ${object}", "mustBe": 3, "name": "top"},
            {
                "type": "custom",
                "engine": "greatExpectations",
                "name": "span",
                "severity": "info",
                "implementation": {
                    "type": "expect_column_max_to_be_between",
                    "kwargs": {"column": "price", "max_value": 2},
                },
            },
        ]

    contracts.write(change)
    text = _section(_page(contracts), "Rules that the whole table keeps")
    figure = (
        "select figure from (select (select max(id) from the table) as figure) as figures"
        " where figure is null or isnan(try_cast(figure as double)) or figure <> 3"
    )
    stops = "critical | the run stops; readers keep the release before"
    assert "No two rows have the same key. No two rows have the same `status`." in text
    assert text.splitlines()[4:] == [
        "| few | the table has at least 1 and at most 5 rows | warning"
        " | the run warns and goes on |",
        f"| told | a \\| b | {stops} |",
        f"| top | this finds no row: `{figure}` | {stops} |",
        "| span | column max to be between (`column: price`, `max_value: 2`) | info"
        " | it is noted; the run goes on |",
    ]


def test_what_is_promised_and_what_is_watched(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        document["slaProperties"] = [
            {"property": "latency", "value": 26, "unit": "h", "element": "orders.at"},
            {"property": "volume", "value": 1000, "valueExt": 2000, "unit": "rows"},
            {
                "property": "completeness",
                "value": 99.5,
                "unit": "percent",
                "element": "orders.price",
                "description": "Prices are asked for.",
                "customProperties": [{"property": "severity", "value": "critical"}],
            },
            {"property": "availability", "value": 99, "unit": "percent"},
            {"property": "frequency", "value": 1, "unit": "d"},
            {"property": "frequency", "value": "daily"},
            {"property": "endOfSupport", "value": "2030-01-31"},
        ]
        measures = [
            {"measure": "rows", "season": "month", "score": 4, "severity": "critical"},
            {"measure": "newCategories", "column": "status"},
            {
                "measure": "drift",
                "column": "price",
                "reference": {"from": "2024-01-01", "to": "2024-01-31"},
            },
        ]
        watch = {
            "day": "day",
            "measures": measures,
            "settleDays": 2,
            "acceptedDays": ["2024-12-25"],
        }
        custom(document, "watch", watch)

    contracts.write(change)
    page = _page(contracts)
    warns = "warning | the run warns and goes on"
    stops = "critical | the run stops; readers keep the release before"
    assert "| served until | 2030-01-31; afterwards no release may hold it |" in page
    assert _section(page, "Service levels").splitlines()[2:] == [
        f"| latency | the newest `at` is at most 26 h old | {warns} |",
        f"| volume | the table has at least 1,000 and at most 2,000 rows | {warns} |",
        "| completeness | `price` is there in at least 99.5 percent of the rows: Prices are asked"
        f" for. | {stops} |",
        "| availability | 99 percent |  | nothing checks it: it is for people |",
        f"| frequency | a delivery comes every 1 d | {warns} |",
        "| frequency | daily |  | nothing checks it: it is for people |",
    ]
    assert _section(page, "What is watched") == (
        "Each day of `day` is measured and held against days before it; a day that is unlike them"
        " is named in the run's summary. A day is judged when the table has one 2 later. Known to"
        " be odd, neither judged nor held against: 2024-12-25.\n\n"
        "| measure of a day | held against | severity | what happens on an odd day |\n"
        "| --- | --- | --- | --- |\n"
        f"| how many rows it has | the same month before (score 4) | {stops} |\n"
        f"| values of `status` that no day before had | all days before | {warns} |\n"
        "| how far the distribution of `price` has moved (PSI from 2024-01-01 to 2024-01-31)"
        f" | the same weekday before | {warns} |"
    )


def test_deliveries_are_named_without_their_secret(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        custom(document, "deliveryMode", "upsert")
        custom(document, "orderingColumn", "at")
        custom(document, "maxQuarantinedShare", 0.025)
        custom(document, "nullTexts", ["NA", ""])
        document["servers"] = [
            {"server": "files", "type": "local", "path": "shop/*.csv", "format": "csv"},
            {
                "server": "db",
                "type": "postgres",
                "environment": "prod",
                "host": "db.shop.test",
                "port": 5432,
                "database": "sales",
                "schema": "public",
                "customProperties": [
                    {"property": "table", "value": "orders"},
                    {"property": "secret", "value": "shop_reader"},
                ],
            },
        ]

    contracts.write(change)
    page = _page(contracts)
    assert _section(page, "Deliveries") == (
        "Upsert: a row replaces the row with its key; rows with new keys are added. Of rows with"
        " one key the one with the highest `at` stands. The source is `shop`.\n\n"
        "| server | environment | where |\n"
        "| --- | --- | --- |\n"
        "| files | any | files `shop/*.csv`, values parted by `,` |\n"
        "| db | prod | relation `public.orders` of the PostgreSQL database"
        " `db.shop.test:5432/sales` |"
    )
    assert "shop_reader" not in page
    assert "A load that loses more than 2.5 % of its rows to quarantine stops the run." in page
    assert "A value is absent where the delivered text is `NA` or the empty one." in page
    assert "key_conflict" not in page


def test_protected_columns_and_notes_for_readers_are_shown(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        _gold(document)
        document["status"] = "deprecated"
        document["customProperties"] = [
            {"property": "migrationNotes", "value": {"1.0.0": "Divide price\nby 100."}}
        ]
        column(document, "status").update(
            classification="restricted",
            customProperties=[{"property": "personalData", "value": True}],
        )

    contracts.write(change)
    page = _page(contracts)
    assert "| `status` | text (`varchar`) | no |  | restricted, personal data |" in page
    assert "| personal data | `status` |" in page
    assert "| served until | not stated, though it is deprecated |" in page
    assert _section(page, "Moving to a newer version").splitlines()[-1] == (
        "| 1.0.0 | Divide price by 100. |"
    )
    assert _titles(page) == [
        "Where it is",
        "Columns",
        "Rules that each row keeps",
        "Rules that the whole table keeps",
        "Moving to a newer version",
    ]


def test_what_is_said_to_people_alone_stands_on_the_page(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        document["description"] = {
            "purpose": "Tells what was sold.",
            "limitations": "No refunds.",
            "usage": "Join it\nby id.",
        }
        document["support"] = [
            {"channel": "#orders", "tool": "slack", "url": "https://chat.test/orders"},
            {"channel": "mail", "url": "mailto:a@shop.test", "description": "By day."},
        ]
        schema(document)["quality"] = [{"type": "text", "description": "No <test> orders."}]
        column(document, "price")["quality"] = [{"type": "text", "description": "Net."}]

    contracts.write(change)
    assert _section(_page(contracts), "For readers") == (
        "What it is for: Tells what was sold.\n\n"
        "What it cannot do: No refunds.\n\n"
        "How to use it: Join it by id.\n\n"
        "Where to ask:\n\n"
        "- \\#orders (https://chat.test/orders)\n"
        "- mail (mailto:a@shop.test): By day.\n\n"
        "What nothing checks, but people should know:\n\n"
        "- No \\<test\\> orders.\n"
        "- price: Net."
    )


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "<script>alert(1)</script> <b>",
        "`code` and ``more``",
        "[here](https://evil.test) ![x](y.png)",
        "*bold* _thin_ __init__ ~~gone~~ snake_case",
        "# heading",
        "1. one",
        "- item",
        "> quoted",
        "&lt; &amp; \\n \\| C:\\dir",
        "--- and ===",
        "a --> b <!-- c",
        "=== x",
        "Zoë’s 価格 ± 5 %",
    ],
)
def test_a_text_is_shown_as_it_stands(contracts: ContractFolder, text: str) -> None:
    def change(document: Document) -> None:
        schema(document)["description"] = text
        column(document, "price")["description"] = text

    contracts.write(change)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(_page(contracts))
    inline = [token for token in tokens if token.type == "inline" and token.content]
    shown = [
        "".join(child.content for child in token.children or [])
        for token in inline
        if {child.type for child in token.children or []} <= {"text", "text_special"}
    ]
    assert shown.count(text) == 2


def test_code_is_shown_as_it_stands(contracts: ContractFolder) -> None:
    predicate = "status <> '``' or status = 'a|b'\n\nor status like '%```%'"
    rule = {"type": "custom", "engine": "assay", "name": "odd", "implementation": predicate}
    contracts.write(lambda document: schema(document).update(quality=[rule]))
    tokens = MarkdownIt("commonmark").enable("table").parse(_page(contracts))
    (block,) = [token.content for token in tokens if token.type == "fence"]
    assert block == f"-- odd\n{predicate}\n"
    spans = [c.content for t in tokens for c in t.children or [] if c.type == "code_inline"]
    assert " ".join(predicate.split()) in spans


def test_a_product_has_a_page_that_lists_its_tables(contracts: ContractFolder) -> None:
    contracts.write()
    contracts.write(_gold, table="fct_orders")
    assert _page(contracts, "README") == (
        """\
<!-- Compiled from contracts/shop by `assay contracts compile`: edit the contract. -->

# The tables of `shop`

## Published

| table | what it holds | owner | version |
| --- | --- | --- | --- |
| [`fct_orders`](fct_orders.md) | Orders of the shop. | shopkeepers | 1.2.0, active |

## Delivered

| table | what it holds | owner | version |
| --- | --- | --- | --- |
| [`orders`](orders.md) | Orders of the shop. | shopkeepers | 1.2.0, active |
"""
    )
