"""A stranger's dbt project, written to Delta as docs/how-to/delta-from-dbt.md says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from assay.cli.main import run as assay
from assay.errors import StorageError
from assay.pipeline.maintain_plain_lake import maintain_plain_lake
from assay.storage import open_connection

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros" / "delta"
PROJECT = f"""
name: shop
profile: shop
macro-paths: [macros, {MACROS}]
flags: {{send_anonymous_usage_stats: false}}
seeds: {{+column_types: {{ordered_at: timestamp}}}}
"""
PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: ":memory:"
      threads: 2
      plugins:
        - module: assay.dbt.plugin
          alias: assay
          config: {lake: lake, run: "{{ env_var('SHOP_RUN', '') }}"}
"""
SEED = """id,customer,amount,status,ordered_at
1,ann,10.5,placed,2024-01-01 10:00:00
2,bob,20.0,placed,2024-01-02 10:00:00
3,cat,7.25,placed,2024-01-02 11:00:00
"""
LATER = SEED.replace("2,bob,20.0,placed", "2,bob,25.0,returned") + (
    "4,dan,3.0,placed,2024-01-03 09:00:00\n"
)
MODELS = {
    "stg_orders.sql": """
        {{ config(materialized='view', event_time='ordered_at') }}
        select id::bigint as id, customer, amount::decimal(12, 2) as amount, status, ordered_at,
            ordered_at::date as day
        from {{ ref('raw_orders') }}""",
    "orders.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='merge', unique_key='ID',
            merge_soft_delete_when="status = 'returned'", merge_soft_delete_columns=['status'],
            on_schema_change='fail', codec='zstd', tags=['nightly'],
            table_properties={'delta.checkpointInterval': 5, 'team': 'sales'}
        ) }}
        select * from {{ ref('stg_orders') }}""",
    "orders_anew.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='merge', unique_key=['id', 'day'],
            merge_update_columns=['status'], delta_write='rewrite', target_file_size='64MB'
        ) }}
        select * from {{ ref('stg_orders') }}""",
    "orders_by_day.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='replace_partitions',
            partition_by='day', cluster_by=['customer']
        ) }}
        select * from {{ ref('stg_orders') }}
        {% if is_incremental() %} where day > '2024-01-01' {% endif %}""",
    "events.sql": """
        {{ config(
            materialized='incremental', incremental_strategy='microbatch',
            event_time='ordered_at', batch_size='day', begin='2024-01-01'
        ) }}
        select * from {{ ref('stg_orders') }}""",
    "log.sql": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select count(*) as orders from {{ ref('raw_orders') }}""",
    "spent.py": """
def model(dbt, session):
    dbt.config(materialized="table")
    return dbt.ref("orders").aggregate("customer, sum(amount)::decimal(18, 2) as spent")
""",
    "schema.yml": """
models:
  - name: orders
    description: One row an order.
    config:
      contract: {enforced: true}
      persist_docs: {relation: true, columns: true}
    columns:
      - {name: id, data_type: bigint, description: its number, constraints: [{type: not_null}]}
      - {name: customer, data_type: varchar}
      - name: amount
        data_type: decimal(12,2)
        constraints: [{type: check, name: positive, expression: amount >= 0}]
      - {name: status, data_type: varchar}
      - {name: ordered_at, data_type: timestamp}
      - {name: day, data_type: date}
""",
}
SNAPSHOT = """
snapshots:
  - name: orders_history
    relation: ref('stg_orders')
    config: {unique_key: id, strategy: check, check_cols: [status], hard_deletes: invalidate}
"""
TIMES = ("--event-time-start", "2024-01-01", "--event-time-end", "2024-01-04")

Rows = list[tuple[object, ...]]


class Shop:
    """A dbt project in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lake = root / "lake"
        for folder in ("models", "seeds", "snapshots"):
            (root / folder).mkdir(parents=True)
        (root / "dbt_project.yml").write_text(PROJECT)
        (root / "profiles.yml").write_text(PROFILE)

    def dbt(self, *arguments: str, run: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "--no-use-colors", *arguments],
            cwd=self.root,
            env={**os.environ, "SHOP_RUN": run},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def table(self, name: str) -> DeltaTable:
        return DeltaTable(str(self.lake / "main" / name))

    def rows(self, name: str, columns: str = "*", version: int | None = None) -> Rows:
        at = "" if version is None else f", version => {version}"
        with open_connection(threads="1") as connection:
            return connection.execute(
                f"select {columns} from delta_scan('{self.lake}/main/{name}'{at}) order by all"
            ).fetchall()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, str]]:
    """The whole project, built twice; with what the second build said."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    for name, text in MODELS.items():
        (shop.root / "models" / name).write_text(text)
    (shop.root / "snapshots" / "history.yml").write_text(SNAPSHOT)
    (shop.root / "seeds" / "raw_orders.csv").write_text(SEED)
    code, output = shop.dbt("build", *TIMES)
    assert code == 0, output
    (shop.root / "seeds" / "raw_orders.csv").write_text(LATER)
    code, output = shop.dbt("build", *TIMES)
    assert code == 0, output
    yield shop, output


def test_every_kind_of_model_holds_what_it_should(built: tuple[Shop, str]) -> None:
    shop, _ = built
    orders = "id, amount::double, status"
    now = [(1, 10.5, "placed"), (2, 25.0, "returned"), (3, 7.25, "placed"), (4, 3.0, "placed")]
    kept = [now[0], (2, 20.0, "returned"), *now[2:]]
    assert shop.rows("orders", orders) == kept, "a return changes the status alone"
    assert shop.rows("orders_anew", orders) == kept, "of old rows the status alone is updated"
    assert shop.rows("orders_by_day", orders) == now
    assert shop.rows("events", orders) == now
    assert shop.rows("log") == [(3,), (4,)]
    assert shop.rows("spent", "customer, spent::double") == [
        ("ann", 10.5), ("bob", 20.0), ("cat", 7.25), ("dan", 3.0),
    ]  # fmt: skip
    assert shop.rows("raw_orders", "count(*)") == [(4,)]
    assert shop.rows("orders_history", "id, status, dbt_valid_to is null") == [
        (1, "placed", True), (2, "placed", False), (2, "returned", True), (3, "placed", True),
        (4, "placed", True),
    ]  # fmt: skip
    assert (shop.lake / "main" / "stg_orders.view.sql").is_file()
    assert not (shop.lake / "main" / "stg_orders").exists()
    assert shop.rows("orders", "count(*)", version=shop.table("orders").version() - 1) == [(3,)]


def test_every_setting_reaches_the_table(built: tuple[Shop, str]) -> None:
    shop, _ = built
    orders = shop.table("orders")
    settings = orders.metadata().configuration
    assert orders.metadata().description == "One row an order."
    fields = {field.name: field for field in orders.schema().fields}
    assert fields["id"].metadata == {"comment": "its number"}
    assert [name for name, field in fields.items() if not field.nullable] == ["id"]
    assert settings["assay.check.positive"] == "amount >= 0"
    assert settings["delta.constraints.positive"] == "amount >= '0'::decimal(12, 2)"
    assert (settings["delta.checkpointInterval"], settings["team"]) == ("5", "sales")
    assert settings["delta.targetFileSize"] == "32000000", "what is merged has smaller files"
    anew = shop.table("orders_anew").metadata().configuration
    assert anew["delta.targetFileSize"] == "64000000"
    for name, codec in {"orders": "ZSTD", "orders_anew": "SNAPPY"}.items():
        found = {
            duckdb.execute(f"select compression from parquet_metadata('{uri}')").fetchall()[0][0]
            for uri in shop.table(name).file_uris()
        }
        assert found == {codec}
    assert shop.table("orders_by_day").metadata().partition_columns == ["day"]


def test_dbt_says_what_was_written_how_and_why(built: tuple[Shop, str]) -> None:
    shop, output = built
    lines = re.findall(
        r"table_written table=main\.(\w+) version=\d+ rows=(\d+) .*?operation=(.*)", output
    )
    said = {name: f"{rows} {text}" for name, rows, text in lines if name != "events"}
    most = "rows in 1 of 1 files have a new key: over a quarter of 3"
    assert said == {
        "raw_orders": "4 overwrite why=all rows are replaced",
        "orders": f"4 rewrite why=3 {most}",
        "orders_anew": "4 rewrite why=the config asks for it",
        "orders_by_day": "4 replace_partitions why=1 of 2 files are in the new rows' partitions",
        "log": "2 append why=the new rows are added",
        "spent": "4 overwrite why=all rows are replaced",
        "orders_history": f"5 rewrite why=1 {most}",
    }
    assert "table_written table=main.orders" in (shop.root / "logs" / "dbt.log").read_text()


def test_a_retry_of_the_same_run_appends_once(built: tuple[Shop, str]) -> None:
    shop, _ = built
    before = shop.rows("log")
    for run, more in (("monday", 1), ("monday", 1), ("tuesday", 2)):
        code, output = shop.dbt("run", "--select", "log", run=run)
        assert code == 0, output
        assert len(shop.rows("log")) == len(before) + more
    assert "operation=append" in output


def test_a_full_refresh_keeps_the_history(built: tuple[Shop, str]) -> None:
    shop, _ = built
    version, before = shop.table("orders").version(), shop.rows("orders", "id, amount::double")
    code, output = shop.dbt("run", "--full-refresh", "--select", "tag:nightly")
    assert code == 0, output
    assert shop.table("orders").version() == version + 1
    assert (2, 25.0) in shop.rows("orders", "id, amount::double")
    assert shop.rows("orders", "id, amount::double", version) == before


BAD = {
    "wide_sum": (
        "{{ config(materialized='table') }} select sum(i) as total from range(3) r(i)",
        ['main.wide_sum has a column', '"total" is HUGEINT', "cast it to bigint or decimal(38, 0)"],
    ),
    "twice": (
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}"
        " select 1 as id from range(2)",
        ["main.twice cannot be merged", '1 keys stand more than once, in "id"'],
    ),
    "unkeyed": (
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='nr') }}"
        " select 1 as id",
        ["unique_key of main.unkeyed names columns that its rows do not have: nr"],
    ),
    "codecs": (
        "{{ config(materialized='table', codec='zip') }} select 1 as id",
        ["the codec of main.codecs is 'zip'", "allowed: snappy"],
    ),
    "parts": (
        "{{ config(materialized='table', partition_by='day') }} select 1 as id",
        ["partition_by of main.parts names columns that it does not have: day"],
    ),
    "strategy": (
        "{{ config(materialized='incremental', incremental_strategy='upsert') }} select 1 as id",
        ["upsert"],
    ),
    "forced": (
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id',"
        " delta_write='magic') }} select 1 as id",
        ["the merge method is 'magic'", "allowed: append, merge, rewrite"],
    ),
    "properties": (
        "{{ config(materialized='table', table_properties=['x']) }} select 1 as id",
        ["table_properties of main.properties are no mapping"],
    ),
    "empty_part": (
        "{{ config(materialized='table', partition_by='part') }} select 1 as id, '' as part",
        ["main.empty_part is partitioned by part, which holds an empty text"],
    ),
}  # fmt: skip
TABLES_FIRST = {"twice", "unkeyed", "forced"}


def test_bad_input_is_refused_in_words_and_changes_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    for name in TABLES_FIRST:
        (shop.root / "models" / f"{name}.sql").write_text(
            "{{ config(materialized='table') }} select 0 as id"
        )
    assert shop.dbt("run")[0] == 0
    for name, (sql, _) in BAD.items():
        (shop.root / "models" / f"{name}.sql").write_text(sql)
    code, output = shop.dbt("run")
    assert code == 1
    assert f"ERROR={len(BAD)}" in output
    for name, (_, texts) in BAD.items():
        for text in texts:
            assert text in output, name
    assert {
        path.name for path in (shop.lake / "main").iterdir() if (path / "_delta_log").is_dir()
    } == TABLES_FIRST
    for name in TABLES_FIRST:
        assert (shop.table(name).version(), shop.rows(name)) == (0, [(0,)])


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ("", "is no layer of an Assay project: bronze, silver"),
        ("config: {lake: profiles.yml}", "check the folder that `lake` names in profiles.yml"),
    ],
    ids=["no lake", "a file"],
)
def test_a_profile_that_names_no_folder_is_refused(tmp_path: Path, config: str, text: str) -> None:
    shop = Shop(tmp_path / "shop")
    (shop.root / "profiles.yml").write_text(re.sub(r"config: .*", config, PROFILE))
    (shop.root / "models" / "t.sql").write_text("{{ config(materialized='table') }} select 1 as id")
    code, output = shop.dbt("run")
    assert code == 1
    assert text in output


def test_maintenance_joins_cleans_and_keeps_what_is_young(built: tuple[Shop, str]) -> None:
    shop, _ = built
    names = ("orders", "orders_by_day", "events", "log", "orders_history", "spent")
    before = {name: shop.rows(name) for name in names}
    orphan = shop.lake / "main" / "log" / "part-of-a-killed-write.parquet"
    orphan.write_bytes(b"PAR1")
    now = datetime.now(UTC)
    done = {each.table: each for each in maintain_plain_lake(shop.lake, keep_days=7, now=now)}
    assert [each.problem for each in done.values() if each.problem] == []
    assert done["main.log"].joined_files == 4
    assert sum(len(each.cleaning.data_files) for each in done.values()) == 0, "all is young"
    assert shop.rows("log", version=0) == [(3,)]
    planned = maintain_plain_lake(
        shop.lake, keep_days=7, now=now + timedelta(days=30), is_dry_run=True
    )
    assert orphan.exists()
    cleaned = maintain_plain_lake(shop.lake, keep_days=7, now=now + timedelta(days=30))
    assert [each.cleaning.data_files for each in cleaned] == [
        each.cleaning.data_files for each in planned
    ]
    assert not orphan.exists()
    assert {name: shop.rows(name) for name in names} == before
    for name in names:
        live = {Path(uri).name for uri in shop.table(name).file_uris()}
        assert {file.name for file in (shop.lake / "main" / name).rglob("part-*.parquet")} == live
    code, output = shop.dbt("run", "--select", "log")
    assert code == 0, output
    assert len(shop.rows("log")) == len(before["log"]) + 1


def test_a_table_says_how_long_its_versions_stay(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    model = shop.root / "models" / "t.sql"
    config = "{{ config(materialized='table', table_properties={'assay.keep_days': DAYS}) }}"
    for days in ("90", "90", "'soon'"):
        model.write_text(config.replace("DAYS", days) + " select 1 as id")
        assert shop.dbt("run")[0] == 0
        if days == "90":
            later = datetime.now(UTC) + timedelta(days=30)
            (done,) = maintain_plain_lake(shop.lake, keep_days=1, now=later)
            assert (done.cleaning.data_files, done.problem) == ((), "")
    (done,) = maintain_plain_lake(shop.lake, keep_days=1, now=later)
    assert done.problem == "assay.keep_days of main.t is 'soon'"
    assert done.cleaning.data_files == ()


def test_the_command_maintains_a_plain_lake(built: tuple[Shop, str], tmp_path: Path) -> None:
    shop, _ = built
    done = CliRunner().invoke(assay, ["maintain", "--lake", str(shop.lake), "--dry-run"])
    assert done.exit_code == 0
    assert "would be removed from 8 tables" in done.output
    for wrong in (["--lake", str(shop.lake), "flights"], ["--keep-days", "3"]):
        assert CliRunner().invoke(assay, ["maintain", *wrong]).exit_code == 2
    with pytest.raises(StorageError, match="there is no lake at"):
        maintain_plain_lake(tmp_path / "none", keep_days=1, now=datetime.now(UTC))
