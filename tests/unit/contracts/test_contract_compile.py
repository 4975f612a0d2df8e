"""What is compiled: whole small outputs; written where it differs, nothing else touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from contract_files import ContractFolder, Document, column, custom, schema

from assay.contracts import (
    CompiledFiles,
    compile_contracts,
    differing_checks,
    read_contracts,
    staging_model,
    staging_scaffold,
    write_compiled,
)
from assay.domain import Contract

SQL = "dbt_project/models"
RULE = {"type": "custom", "engine": "assay", "name": "cheap", "implementation": "price < 9"}


def _gold(document: Document) -> None:
    custom(document, "deliveryMode", None)
    custom(document, "layer", "gold")


def _only_id(document: Document) -> None:
    schema(document)["properties"] = [column(document, "id")]


def _compiled(contracts: ContractFolder) -> dict[str, str]:
    return compile_contracts(read_contracts(contracts.folder, "shop"))


def _suite(files: dict[str, str], name: str) -> list[tuple[str, object, str]]:
    document = json.loads(files[f"expectations/shop/{name}.json"])
    return [(e["type"], e["kwargs"], e["severity"]) for e in document["expectations"]]


def _columns(*names: str) -> tuple[str, object, str]:
    kwargs = {"column_set": list(names), "exact_match": True}
    return ("expect_table_columns_to_match_set", kwargs, "critical")


LOAD = ("_load_id", "_source_file", "_row_number", "_ingested_at")
LOAD_KEY = (
    "expect_compound_columns_to_be_unique",
    {"column_list": ["_load_id", "_row_number"]},
    "critical",
)


def _not_null(name: str) -> tuple[str, object, str]:
    return ("expect_column_values_to_not_be_null", {"column": name}, "critical")


def _unique(name: str) -> tuple[str, object, str]:
    return ("expect_column_values_to_be_unique", {"column": name}, "critical")


def _broken(predicate: str, severity: str = "critical") -> tuple[str, object, str]:
    query = f"select * from {{batch}} where ({predicate}) is false"
    return ("unexpected_rows_expectation", {"unexpected_rows_query": query}, severity)


def test_the_files_of_a_landed_entity(contracts: ContractFolder) -> None:
    contracts.write()
    assert set(_compiled(contracts)) == {
        "expectations/shop/bronze_shop__orders.json",
        "expectations/shop/shop__orders.json",
        "expectations/shop/quarantine_shop__orders.json",
        f"{SQL}/bronze/shop/bronze_shop__orders.sql",
        f"{SQL}/bronze/shop/bronze_shop__orders.yml",
        f"{SQL}/silver/shop/compiled/int_shop__orders_typed.sql",
        f"{SQL}/silver/shop/compiled/int_shop__orders_checked.sql",
        f"{SQL}/silver/shop/compiled/int_shop__orders_broken.sql",
        f"{SQL}/silver/shop/compiled/int_shop__orders_exceptions.sql",
        f"{SQL}/silver/shop/compiled/shop__orders.sql",
        f"{SQL}/silver/shop/compiled/shop__orders.yml",
        f"{SQL}/silver/shop/compiled/quarantine_shop__orders.sql",
        "docs/contracts/shop/README.md",
        "docs/contracts/shop/orders.md",
    }


def test_the_files_of_a_gold_table(contracts: ContractFolder) -> None:
    contracts.write(_gold)
    assert set(_compiled(contracts)) == {
        "expectations/shop/orders.json",
        f"{SQL}/gold/shop/compiled/orders.yml",
        "docs/contracts/shop/README.md",
        "docs/contracts/shop/orders.md",
    }


def test_the_suites_of_a_landed_entity(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        _only_id(document)
        schema(document)["quality"] = [
            RULE,
            RULE | {"name": "nice", "severity": "warning", "implementation": "id > 1"},
            {"metric": "rowCount", "mustBeGreaterThan": 0, "name": "some"},
        ]

    contracts.write(change)
    files = _compiled(contracts)
    assert _suite(files, "bronze_shop__orders") == [
        _columns("id", *LOAD),
        _not_null("_ingested_at"),
        LOAD_KEY,
    ]
    assert _suite(files, "shop__orders") == [
        _columns("id", *LOAD),
        _not_null("id"),
        _unique("id"),
        _broken("price < 9"),
        _broken("id > 1", "warning"),
        ("expect_table_row_count_to_be_between", {"min_value": 1, "max_value": None}, "critical"),
    ]
    assert _suite(files, "quarantine_shop__orders") == [_not_null("_rules_broken"), LOAD_KEY]


def test_every_rule_of_a_gold_table_is_in_its_suite(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        _gold(document)
        _only_id(document)
        column(document, "id").update(
            logicalTypeOptions={"minimum": 1},
            enum=[{"value": 1}, {"value": 2}],
            quality=[{"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": [1]}}],
        )
        schema(document)["quality"] = [
            RULE | {"implementation": "id not in ('{', ':x') or id like 'a%'"},
            {"type": "sql", "query": "select max(id) from ${object}", "mustBeLessThan": 9},
        ]

    contracts.write(change)

    figure = (
        "select figure from (select (select max(id) from {batch}) as figure) as figures"
        " where figure is null or isnan(try_cast(figure as double)) or figure >= 9"
    )
    assert _suite(_compiled(contracts), "orders") == [
        _columns("id"),
        _not_null("id"),
        _unique("id"),
        _broken('"id" >= 1'),
        _broken('"id" in (1, 2)'),
        _broken("id not in ('{{', '\\:x') or id like 'a%'"),
        _broken('"id" in (1)'),
        ("unexpected_rows_expectation", {"unexpected_rows_query": figure}, "critical"),
    ]


def test_the_properties_of_a_gold_table(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        _gold(document)
        _only_id(document)
        column(document, "id").update(description="{{ env_var('HOME') }} {% x", unique=True)

    contracts.write(change)
    text = _compiled(contracts)[f"{SQL}/gold/shop/compiled/orders.yml"]
    assert text.startswith("# Compiled from contracts/shop/orders.odcs.yaml by ")
    assert yaml.safe_load(text) == {
        "version": 2,
        "models": [
            {
                "name": "orders",
                "description": "Orders of the shop. One row an order.",
                "config": {
                    "meta": {
                        "owner": "shopkeepers",
                        "contract": "contracts/shop/orders.odcs.yaml",
                        "version": "1.2.0",
                    },
                    "contract": {"enforced": True},
                },
                "columns": [
                    {
                        "name": "id",
                        "description": "{{ '{' }}{ env_var('HOME') }} {{ '{' }}% x",
                        "data_type": "bigint",
                        "quote": True,
                        "data_tests": ["not_null", "unique"],
                    }
                ],
                "data_tests": [{"unique_together": {"arguments": {"columns": ["id"]}}}],
            }
        ],
    }


def test_the_models_of_checked_and_broken_rows_have_every_rule(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        schema(document)["properties"] = [column(document, "id"), column(document, "status")]
        column(document, "id").pop("primaryKey")
        column(document, "status").update(
            required=True, logicalTypeOptions={"pattern": "{{2}}'\\d"}
        )
        schema(document)["quality"] = [
            RULE | {"implementation": "status <> '{{ 1/0 }}{#'"},
            RULE | {"name": "nice", "severity": "warning"},
        ]

    contracts.write(change)
    files = _compiled(contracts)
    checked, broken = (
        files[f"{SQL}/silver/shop/compiled/int_shop__orders_{step}.sql"]
        for step in ("checked", "broken")
    )
    conditions = [
        "coalesce(list_contains(_unreadable, 'id'), false)",
        '("status" is null)',
        "((regexp_full_match(\"status\", '{{ '{' }}{2}}''\\d')) is false)",
        "((status <> '{{ '{' }}{ 1/0 }}{{ '{' }}#') is false)",
    ]
    names = ["id_type", "status_required", "status_pattern", "cheap"]
    sound = [
        "(coalesce(len(_unreadable), 0) = 0)",
        '("status" is not null)',
        *(condition.removeprefix("(").removesuffix(" is false)") for condition in conditions[2:]),
    ]
    expected = "        " + "\n        and ".join(sound) + "\n    ) is false as _is_broken"
    assert expected in checked
    for condition, name in zip(conditions, names, strict=True):
        assert f"case when {condition} then '{name}' end" in broken
    assert "nice" not in checked + broken


@pytest.mark.parametrize(
    ("texts", "status", "id_", "unread"),
    [
        (["NA"], "nullif(\"status\", 'NA')", '"id"', " and \"_text_id\" not in ('NA')"),
        (
            ["it's", ""],
            "case when \"status\" not in ('it''s', '') then \"status\" end",
            '"id"',
            " and \"_text_id\" not in ('it''s', '')",
        ),
        ([], '"status"', '"id"', ""),
        (["-9"], "nullif(\"status\", '-9')", "nullif(\"id\", '-9')", ""),
        (
            ["{{ x }}"],
            "nullif(\"status\", '{{ '{' }}{ x }}')",
            '"id"',
            " and \"_text_id\" not in ('{{ '{' }}{ x }}')",
        ),
    ],
    ids=["one", "several", "none", "a number", "braces"],
)
def test_texts_that_stand_for_null(
    contracts: ContractFolder, texts: list[str], status: str, id_: str, unread: str
) -> None:
    """A number is taken out first; what a column reads as nothing is left to it."""
    contracts.write(lambda document: custom(document, "nullTexts", texts))
    text = _compiled(contracts)[f"{SQL}/silver/shop/compiled/int_shop__orders_typed.sql"]
    assert f'        {status} as "_text_status",\n' in text
    assert f'        {id_} as "_text_id",\n' in text
    assert f'("id" is null and "_text_id" is not null{unread})' in text


@pytest.mark.parametrize(
    ("mode", "config"),
    [
        ("append", "delta_mode='append'"),
        ("upsert", "delta_mode='merge', unique_key=['id']"),
        ("snapshot", "delta_mode='overwrite'"),
    ],
)
def test_a_delivery_mode_decides_how_silver_is_written(
    contracts: ContractFolder, mode: str, config: str
) -> None:
    contracts.write(lambda document: custom(document, "deliveryMode", mode))
    files = _compiled(contracts)
    accepted = files[f"{SQL}/silver/shop/compiled/shop__orders.sql"]
    assert f"    materialized='delta',\n    {config},\n    takes=" in accepted
    assert (
        f"    mode='{mode}',\n"
        in (files[f"{SQL}/silver/shop/compiled/int_shop__orders_exceptions.sql"])
    )


def test_the_first_staging_model(contracts: ContractFolder) -> None:
    contract = contracts.read(_only_id)
    assert staging_model(contract) == "stg_shop__orders"
    assert staging_scaffold(contract) == (
        "{{ config(materialized='ephemeral') }}\n\n"
        "with source as (\n\n"
        "    select * from {{ ref('int_shop__orders_typed') }}\n\n"
        "),\n\n"
        "final as (\n\n"
        "    select\n"
        '        "id",\n'
        "        {{ load_columns() }}\n"
        "    from source\n\n"
        ")\n\n"
        "select * from final\n"
    )


class Root:
    """A project's root with the contracts of one product."""

    def __init__(self, contracts: ContractFolder) -> None:
        self.path = contracts.folder.parent
        self._contracts = contracts

    def read(self) -> tuple[Contract, ...]:
        return read_contracts(self._contracts.folder, "shop")

    def compile(self, *, is_dry_run: bool = False) -> CompiledFiles:
        return write_compiled(self.path, self.read(), "shop", is_dry_run=is_dry_run)

    def texts(self) -> dict[str, str]:
        folders = [self.path / name for name in ("dbt_project", "docs", "expectations")]
        files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
        return {file.relative_to(self.path).as_posix(): file.read_text("utf-8") for file in files}


@pytest.fixture
def root(contracts: ContractFolder) -> Root:
    contracts.write()
    return Root(contracts)


def test_a_dry_run_tells_and_writes_nothing(root: Root) -> None:
    found = root.compile(is_dry_run=True)
    assert (len(found.written), found.removed, found.unchanged) == (14, (), 0)
    assert root.texts() == {}


def test_what_is_written_is_what_is_compiled(root: Root) -> None:
    assert len(root.compile().written) == 14
    assert root.texts() == compile_contracts(root.read())
    assert root.compile() == CompiledFiles((), (), 14)


def test_an_edited_compiled_file_is_written_again(root: Root) -> None:
    root.compile()
    file = root.path / SQL / "silver/shop/compiled/shop__orders.sql"
    file.write_text(file.read_text("utf-8") + "-- edited\n", "utf-8")
    assert root.compile(is_dry_run=True) == CompiledFiles((file,), (), 13)
    root.compile()
    assert root.texts() == compile_contracts(root.read())


def test_a_run_asks_for_the_checks_and_not_for_the_pages(root: Root) -> None:
    root.compile()
    page = root.path / "docs/contracts/shop/orders.md"
    page.unlink()
    assert differing_checks(root.path, root.read(), "shop") == CompiledFiles((), (), 12)
    assert root.compile(is_dry_run=True) == CompiledFiles((page,), (), 13)
    suite = root.path / "expectations/shop/shop__orders.json"
    suite.unlink()
    assert differing_checks(root.path, root.read(), "shop") == CompiledFiles((suite,), (), 11)


def test_files_of_a_contract_that_is_gone_are_removed_and_no_others(
    root: Root, contracts: ContractFolder
) -> None:
    by_hand = {
        f"{SQL}/silver/shop/stg_shop__orders.sql": "select 1\n",
        f"{SQL}/silver/shop/compiled/own.sql": "select 2\n",
        f"{SQL}/gold/shop/fct_orders.yml": "version: 2\n",
        f"{SQL}/gold/toys/compiled/dim.yml": "# Compiled by `assay contracts compile`\n",
        "expectations/shop/mine.json": "{}\n",
        "docs/contracts/shop/notes.md": "# Notes of the shop\n",
        "docs/contracts/toys/dolls.md": "<!-- Compiled by `assay contracts compile` -->\n",
    }
    for name, text in by_hand.items():
        Path(root.path / name).parent.mkdir(parents=True, exist_ok=True)
        Path(root.path / name).write_text(text, "utf-8")
    contracts.write(table="things")
    root.compile()
    contracts.path("things").unlink()
    found = root.compile()
    index = root.path / "docs/contracts/shop/README.md"
    assert (found.written, len(found.removed), found.unchanged) == ((index,), 13, 13)
    assert all("things" in path.name for path in found.removed)
    assert root.texts() == compile_contracts(root.read()) | by_hand
