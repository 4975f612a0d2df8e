"""Compiles a landed entity's contract to the dbt models that bring it to silver.

The chain: bronze (text, append-only) → typed → a team's ``stg_`` model → checked (rows that
broke a rule apart from the others) → broken (the rules that those broke) → exceptions (rows
that are not simply accepted) → the accepted and the quarantined rows.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from assay.contracts.model_text import lines
from assay.contracts.row_conditions import broken_rules, names_of, sound_when
from assay.contracts.typed_model import typed_model
from assay.domain import LOAD_COLUMNS, Contract, DeliveryMode, quote_name

_WRITE_MODES = {
    DeliveryMode.APPEND: "append",
    DeliveryMode.UPSERT: "merge",
    DeliveryMode.SNAPSHOT: "overwrite",
}


def header(contract: Contract) -> str:
    """The first line of a compiled SQL file."""
    return f"-- Compiled from {contract.path} by `assay contracts compile`: edit the contract.\n"


def compile_models(contract: Contract) -> dict[PurePosixPath, str]:
    """Write the SQL of a landed entity's models, by path under ``dbt_project/models``."""
    bronze = PurePosixPath("bronze") / contract.product
    silver = PurePosixPath("silver") / contract.product / "compiled"
    name = contract.silver.name
    texts = {
        bronze / f"{contract.bronze.name}.sql": _bronze(contract),
        silver / f"int_{name}_typed.sql": typed_model(contract),
        silver / f"int_{name}_checked.sql": _checked(contract),
        silver / f"int_{name}_broken.sql": _broken(contract),
        silver / f"int_{name}_exceptions.sql": _exceptions(contract),
        silver / f"{name}.sql": _accepted(contract),
        silver / f"quarantine_{name}.sql": _quarantine(contract),
    }
    return {path: header(contract) + text for path, text in texts.items()}


def staging_model(contract: Contract) -> str:
    """Name the model that a team writes between the typed and the checked rows."""
    return f"stg_{contract.source}__{contract.table}"


def staging_scaffold(contract: Contract) -> str:
    """Write a first ``stg_`` model for a team to change."""
    return f"""{{{{ config(materialized='ephemeral') }}}}

with source as (

    select * from {{{{ ref('int_{contract.silver.name}_typed') }}}}

),

final as (

    select
{lines(_quoted(contract), 8)},
        {{{{ load_columns() }}}}
    from source

)

select * from final
"""


def _quoted(contract: Contract) -> list[str]:
    return [quote_name(column.name) for column in contract.columns]


def _bronze(contract: Contract) -> str:
    columns = [*_quoted(contract), *LOAD_COLUMNS]
    source = f"landing_{contract.product}"
    return f"""{{{{ config(materialized='delta', delta_mode='append') }}}}

select
{lines(columns, 4)}
from {{{{ source('{source}', '{contract.silver.name}') }}}}
"""


def _checked(contract: Contract) -> str:
    columns = [
        f"cast({quote_name(c.name)} as {c.data_type}) as {quote_name(c.name)}"
        for c in contract.columns
    ]
    # One `is false` for all: a conjunction is false where any of its conditions is.
    sound = "\n        and ".join(sound_when(contract))
    return f"""{{{{ config(materialized='split', entity='{contract.product}.{contract.table}') }}}}

with staged as (

    select * from {{{{ ref('{staging_model(contract)}') }}}}

),

conformed as (

    select
{lines(columns, 8)},
        {{{{ load_columns() }}}}
    from staged

)

select
{lines(_quoted(contract), 4)},
    _load_id,
    _source_file,
    _row_number,
    _ingested_at,
    _unreadable,
    (
        {sound}
    ) is false as _is_broken
from conformed
"""


def _broken(contract: Contract) -> str:
    return f"""{{{{ config(materialized='scratch') }}}}

with checked as (

    select * from {{{{ ref('int_{contract.silver.name}_checked') }}}}

)

select
    _load_id,
    _row_number,
    coalesce(
        nullif({names_of(broken_rules(contract))}, []),
        -- A staging model called a column unreadable that no rule is about.
        list_transform(_unreadable, lambda each : each || '_type')
    ) as _rules_broken
from checked
where _is_broken
"""


def _exceptions(contract: Contract) -> str:
    ordering = f"'{contract.ordering_column}'" if contract.ordering_column else "none"
    return f"""{{{{ config(materialized='scratch') }}}}

{{{{ row_exceptions(
    product='{contract.product}',
    table='{contract.table}',
    mode='{contract.mode or DeliveryMode.APPEND}',
    checked=ref('int_{contract.silver.name}_checked'),
    broken=ref('int_{contract.silver.name}_broken'),
    key={list(contract.key)},
    ordering={ordering},
    columns={[column.name for column in contract.columns]}
) }}}}
"""


def _accepted(contract: Contract) -> str:
    write_mode = _WRITE_MODES[contract.mode or DeliveryMode.APPEND]
    key = f", unique_key={list(contract.key)}" if write_mode == "merge" else ""
    keep = (
        f"""
{{% set base = base_relation(this) %}}
{{% if base is not none %}}

-- The newest snapshot stays where it is there already.
union all by name

select *
from {{{{ base }}}}
where _load_id = {{{{ newest_load('{contract.product}', '{contract.table}') }}}}

{{% endif %}}
"""
        if write_mode == "overwrite"
        else ""
    )
    steps = {step: f"int_{contract.silver.name}_{step}" for step in ("checked", "exceptions")}
    return f"""{{{{ config(
    materialized='delta',
    delta_mode='{write_mode}'{key},
    takes={{'rows': '{steps["checked"]}', 'without': '{steps["exceptions"]}'}}
) }}}}

with checked as (

    select * from {{{{ ref('int_{contract.silver.name}_checked') }}}}

),

exceptions as (

    select * from {{{{ ref('int_{contract.silver.name}_exceptions') }}}}

)

select
{lines([*_quoted(contract), *LOAD_COLUMNS], 4)}
from checked
anti join exceptions using (_load_id, _row_number)
-- They are exceptions; said here, their file is not read for it.
where not _is_broken
{keep}"""


def _quarantine(contract: Contract) -> str:
    columns = [f"bronze.{each}" for each in [*_quoted(contract), *LOAD_COLUMNS]]
    entity = f"'{contract.product}', '{contract.table}'"
    return f"""{{{{ config(
    materialized='delta',
    delta_mode='append',
    schema='quarantine',
    alias='{contract.quarantine.name}'
) }}}}

with exceptions as (

    select * from {{{{ ref('int_{contract.silver.name}_exceptions') }}}}
    where disposition in ('quarantined', 'replayed', 'discarded')

),

bronze as (

    select * from {{{{ ref('{contract.bronze.name}') }}}}
    where {{{{ in_scope({entity}) }}}}

)

select
{lines(columns, 4)},
    exceptions._rules_broken,
    coalesce(replays.first_seen_at, bronze._ingested_at) as _first_seen_at,
    replays.replay_of_load_id as _replay_of_load_id,
    replays.replay_of_row_number as _replay_of_row_number
from exceptions
inner join bronze using (_load_id, _row_number)
left join {{{{ replayed_rows({entity}) }}}} as replays
    on bronze._load_id = replays.load_id and bronze._row_number = replays.row_number
"""
