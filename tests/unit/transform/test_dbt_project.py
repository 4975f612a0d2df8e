"""What the platform knows of a dbt project: its models, what they read, when they changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.errors import TransformError
from assay.transform import DbtProject, Model

FILES = {
    "dbt_project.yml": """
name: assay
version: 1.0.0
config-version: 2
profile: assay
flags: {send_anonymous_usage_stats: false}
models:
  assay:
    bronze: {+schema: bronze}
    silver: {+schema: silver}
    gold: {+schema: gold}
""",
    "profiles.yml": """
assay:
  target: lake
  outputs: {lake: {type: duckdb, path: ":memory:"}}
""",
    "macros/layer.sql": (
        "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}"
    ),
    "macros/delta.sql": (
        "{% materialization delta, default %}"
        "{{ return({'relations': []}) }}{% endmaterialization %}"
    ),
    "macros/double.sql": "{% macro double(x) %}{{ times(x, 2) }}{% endmacro %}",
    "macros/times.sql": "{% macro times(x, n) %}{{ x }} * {{ n }}{% endmacro %}",
    "macros/least.sql": "{% macro least() %}{{ dbt_numbers.zero() }}{% endmacro %}",
    "dbt_packages/dbt_numbers/dbt_project.yml": "name: dbt_numbers\nconfig-version: 2\n",
    "dbt_packages/dbt_numbers/macros/zero.sql": (
        "{% macro zero() %}{{ var('zero', 0) }}{% endmacro %}"
    ),
    "macros/unused.sql": "{% macro unused() %}1{% endmacro %}",
    "models/bronze/shop/bronze_shop__orders.sql": (
        "{{ config(materialized='delta') }} select * from {{ source('landing_shop', 'orders') }}"
    ),
    "models/bronze/shop/sources.yml": """
version: 2
sources:
  - {name: landing_shop, schema: landing, tables: [{name: orders}]}
""",
    "models/silver/shop/stg_orders.sql": (
        "{{ config(materialized='ephemeral') }}"
        " select {{ double('id') }} as id from {{ ref('bronze_shop__orders') }}"
    ),
    "models/silver/shop/shop__orders.sql": (
        "{{ config(materialized='delta') }} select * from {{ ref('stg_orders') }}"
        " where id > {{ least() }} and id <> {{ env_var('LEFT_OUT', '1') }}"
    ),
    "models/gold/shop/fct_orders.sql": (
        "{{ config(materialized='delta', alias='orders') }} select * from {{ ref('shop__orders') }}"
    ),
    "models/gold/shop/fct_orders.yml": """
version: 2
models:
  - name: fct_orders
    description: Orders.
    columns: [{name: id, data_type: bigint, description: Its number.}]
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "dbt_project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "dbt_project"


def models(folder: Path) -> dict[str, Model]:
    return DbtProject(folder, folder / "target").models()


def test_what_a_model_is(folder: Path) -> None:
    found = models(folder)
    assert {
        name: (m.folder, m.product, f"{m.layer}.{m.table}", m.is_stored, m.depends_on, m.landed)
        for name, m in found.items()
    } == {
        "bronze_shop__orders": (
            "bronze",
            "shop",
            "bronze.bronze_shop__orders",
            True,
            (),
            ("orders",),
        ),
        "stg_orders": (
            "silver",
            "shop",
            "silver.stg_orders",
            False,
            ("bronze_shop__orders",),
            (),
        ),
        # Through the ephemeral model, which stores nothing.
        "shop__orders": (
            "silver",
            "shop",
            "silver.shop__orders",
            True,
            ("bronze_shop__orders",),
            (),
        ),
        "fct_orders": ("gold", "shop", "gold.orders", True, ("shop__orders",), ()),
    }
    assert found["fct_orders"].description == "Orders."
    assert found["fct_orders"].columns == (("id", "bigint", "Its number."),)


def _append(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    return change


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    return change


GOLD, SILVER = "fct_orders", "shop__orders"


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (_append("models/gold/shop/fct_orders.sql", " where true"), {GOLD}),
        (_append("models/silver/shop/stg_orders.sql", " where true"), {"stg_orders", SILVER}),
        (_replace("macros/double.sql", "2", "3"), {"stg_orders", SILVER}),
        (_replace("macros/times.sql", "*", "+"), {"stg_orders", SILVER}),
        (_replace("macros/delta.sql", "[]", "[this]"), {"bronze_shop__orders", SILVER, GOLD}),
        (_replace("models/gold/shop/fct_orders.sql", "'orders'", "'sales'"), {GOLD}),
        (
            _replace("dbt_project.yml", "{+schema: gold}", "{+schema: gold, +persist_docs: {}}"),
            {GOLD, SILVER},  # The file may say the variable that SILVER asks for.
        ),
        (_replace("models/gold/shop/fct_orders.yml", "Its number.", "A number."), set()),
        (_replace("models/gold/shop/fct_orders.yml", "Orders.", "Sales."), set()),
        (
            _replace(
                "models/gold/shop/fct_orders.yml",
                "description: Orders.",
                "description: Orders.\n    config: {meta: {owner: ada}, tags: [x]}",
            ),
            set(),
        ),
        (_append("dbt_project.yml", "vars: {zero: 7}"), {SILVER}),
        (_replace("dbt_packages/dbt_numbers/macros/zero.sql", "0)", "1)"), {SILVER}),
        (_replace("macros/unused.sql", "1", "2"), set()),
    ],
    ids=[
        "its SQL",
        "an ephemeral parent",
        "a macro",
        "a macro's macro",
        "its materialization",
        "its config",
        "a folder's config",
        "a column's description",
        "its description",
        "owner and tags",
        "a variable of the project",
        "a macro of a package",
        "a macro it does not use",
    ],
)
def test_a_fingerprint_changes_with_what_makes_the_rows(
    folder: Path, change: Callable[[Path], None], changed: set[str]
) -> None:
    before = models(folder)
    change(folder)
    after = models(folder)
    assert {name for name in before if before[name].fingerprint != after[name].fingerprint} == (
        changed
    )


def test_a_fingerprint_changes_with_the_environment_that_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = models(folder)
    monkeypatch.setenv("LEFT_OUT", "2")
    after = models(folder)
    assert {name for name in before if before[name].fingerprint != after[name].fingerprint} == (
        {SILVER}
    )


def test_a_selection_names_models(folder: Path) -> None:
    dbt = DbtProject(folder, folder / "target")
    assert dbt.select("fct_orders") == ["fct_orders"]
    assert sorted(dbt.select("shop__orders+ path:models/bronze")) == sorted(
        ["bronze_shop__orders", "shop__orders", "fct_orders"]
    )


def test_a_selected_ephemeral_model_means_what_it_stands_in(folder: Path) -> None:
    dbt = DbtProject(folder, folder / "target")
    assert sorted(dbt.select("stg_orders")) == ["shop__orders", "stg_orders"]


def test_a_selection_of_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(TransformError, match="the selection 'nothing' means no model") as refused:
        DbtProject(folder, folder / "target").select("nothing")
    options = "--project-dir dbt_project --profiles-dir dbt_project"
    assert f"`dbt ls {options} --resource-type model`" in refused.value.todo


def test_dbt_s_traceback_is_no_error_of_the_log(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """dbt has one for what it raises on its way to say what is wrong."""
    yml = "models/gold/shop/fct_orders.yml"
    _replace("models/gold/shop/fct_orders.sql", "materialized='delta', ", "")(folder)
    _append(yml, "    config: {contract: {enforced: true}, materialized: incremental}\n")(folder)
    with pytest.raises(TransformError, match="must set on_schema_change"):
        models(folder)
    shown = [each for each in caplog.records if each.levelno > logging.INFO]
    assert not [each for each in shown if "Traceback" in each.getMessage()]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_append("models/gold/shop/fct_orders.sql", "{{ ref('gone') }}"), "gone"),
        (_append("models/gold/shop/fct_orders.sql", "{% if %}"), "fct_orders"),
        (_append("dbt_project.yml", "\n: :"), "Syntax error near line 12"),
    ],
    ids=["unknown model", "template", "project file"],
)
def test_a_project_that_cannot_be_parsed_says_why(
    folder: Path, change: Callable[[Path], None], found: str
) -> None:
    change(folder)
    with pytest.raises(TransformError, match="dbt parse failed") as caught:
        models(folder)
    assert found in caught.value.what
    assert caught.value.todo == (
        "run `dbt parse --project-dir dbt_project --profiles-dir dbt_project` to see it whole"
    )


def test_ctrl_c_is_no_failure_of_dbt(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dbt.parser.manifest.ManifestLoader.load", interrupt)
    with pytest.raises(KeyboardInterrupt):
        models(folder)
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []
