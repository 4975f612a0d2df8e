"""Compiles a landed entity's contract to the dbt models that bring it to silver.

The chain: bronze (text, append-only) → typed → a team's ``stg_`` model → checked (rows that
broke a rule apart from the others) → broken (the rules that those broke) → exceptions (rows
that are not simply accepted) → the accepted and the quarantined rows.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from string import digits

from assay.contracts.nested import read_call
from assay.contracts.predicates import escape_jinja
from assay.contracts.row_conditions import (
    Named,
    broken_rules,
    names_of,
    names_or_null,
    sound_when,
)
from assay.domain import LOAD_COLUMNS, Column, Contract, DeliveryMode

_CASTS = {
    "tinyint": "read_integer",
    "smallint": "read_integer",
    "integer": "read_integer",
    "bigint": "read_integer",
    "float": "read_number",
    "double": "read_number",
    "boolean": "read_as",
    "date": "read_date",
    "timestamp": "read_timestamp",
    "timestamp with time zone": "read_timestamp",
}
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
        silver / f"int_{name}_typed.sql": _typed(contract),
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
{_lines(_quoted(contract), 8)},
        {{{{ load_columns() }}}}
    from source

)

select * from final
"""


def _quoted(contract: Contract) -> list[str]:
    return [_name(column.name) for column in contract.columns]


def _bronze(contract: Contract) -> str:
    columns = [*_quoted(contract), *LOAD_COLUMNS]
    source = f"landing_{contract.product}"
    return f"""{{{{ config(materialized='delta', delta_mode='append') }}}}

select
{_lines(columns, 4)}
from {{{{ source('{source}', '{contract.silver.name}') }}}}
"""


def _typed(contract: Contract) -> str:
    texts = [f"{_text(c, contract)} as {_raw(c)}" for c in contract.columns]
    parsed = [
        f"{{{{ parse_text('{_raw(c)}', '{c.data_type}') }}}} as {_parsed(c)}"
        for c in contract.columns
        if _is_parsed(c)
    ]
    typed = [f"{_cast(c)} as {_name(c.name)}" for c in contract.columns]
    unreadable = [
        Named(c.name, _is_unreadable(c, contract))
        for c in contract.columns
        if c.data_type != "varchar"
    ]
    return f"""{{{{ config(materialized='ephemeral') }}}}

with source as (

    select * from {{{{ ref('{contract.bronze.name}') }}}}
    where {{{{ in_scope('{contract.product}', '{contract.table}') }}}}

),

texts as (

    select
{_lines([*texts, *LOAD_COLUMNS], 8)}
    from source

),

parsed as (

    select
{_lines(["*", *parsed], 8)}
    from texts

),

typed as (

    select
        *,
{_lines(typed, 8)}
    from parsed

)

select
{_lines(_quoted(contract), 4)},
    {names_or_null(unreadable)} as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
"""


def _checked(contract: Contract) -> str:
    columns = [
        f"cast({_name(c.name)} as {c.data_type}) as {_name(c.name)}" for c in contract.columns
    ]
    # One `is false` for all: a conjunction is false where any of its conditions is.
    sound = "\n        and ".join(sound_when(contract))
    return f"""{{{{ config(materialized='split', entity='{contract.product}.{contract.table}') }}}}

with staged as (

    select * from {{{{ ref('{staging_model(contract)}') }}}}

),

conformed as (

    select
{_lines(columns, 8)},
        {{{{ load_columns() }}}}
    from staged

)

select
{_lines(_quoted(contract), 4)},
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
{_lines([*_quoted(contract), *LOAD_COLUMNS], 4)}
from checked
anti join exceptions using (_load_id, _row_number)
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
{_lines(columns, 4)},
    exceptions._rules_broken,
    coalesce(replays.first_seen_at, bronze._ingested_at) as _first_seen_at,
    replays.replay_of_load_id as _replay_of_load_id,
    replays.replay_of_row_number as _replay_of_row_number
from exceptions
inner join bronze using (_load_id, _row_number)
left join {{{{ replayed_rows({entity}) }}}} as replays
    on bronze._load_id = replays.load_id and bronze._row_number = replays.row_number
"""


def _text(column: Column, contract: Contract) -> str:
    name = _name(column.name)
    if not contract.null_texts or _reads_no_null_text(column, contract):
        return name
    if len(contract.null_texts) == 1:
        return f"nullif({name}, {_literal(contract.null_texts[0])})"
    return f"case when {name} not in ({_null_texts(contract)}) then {name} end"


def _is_unreadable(column: Column, contract: Contract) -> str:
    unread = f"{_name(column.name)} is null and {_raw(column)} is not null"
    if contract.null_texts and _reads_no_null_text(column, contract):
        unread += f" and {_raw(column)} not in ({_null_texts(contract)})"
    return f"({unread})"


def _reads_no_null_text(column: Column, contract: Contract) -> bool:
    """Tell whether a column reads the texts for NULL as nothing by itself.

    Then they need not be taken out of each row first, which would cost all columns theirs of
    few values: DuckDB keeps such a column as a dictionary until something chooses between rows.
    """
    texts = contract.null_texts
    return _is_parsed(column) and not any(set(text) & set(digits) for text in texts)


def _null_texts(contract: Contract) -> str:
    return ", ".join(_literal(each) for each in contract.null_texts)


def _is_parsed(column: Column) -> bool:
    """Tell whether a text is first parsed, then judged: numbers, days and times."""
    return column.data_type not in ("varchar", "boolean") and not column.parts


def _raw(column: Column) -> str:
    return _name(f"_text_{column.name}")


def _parsed(column: Column) -> str:
    return _name(f"_parsed_{column.name}")


def _cast(column: Column) -> str:
    if column.data_type == "varchar":
        return _raw(column)
    if column.parts:
        return read_call(column, _raw(column))
    macro = _CASTS.get(column.data_type, "read_number")
    parsed = f", '{_parsed(column)}'" if _is_parsed(column) else ""
    return f"{{{{ {macro}('{_raw(column)}', '{column.data_type}'{parsed}) }}}}"


def _lines(items: list[str], indent: int) -> str:
    return ",\n".join(" " * indent + item for item in items)


def _name(name: str) -> str:
    return '"' + name + '"'


def _literal(text: str) -> str:
    return "'" + escape_jinja(text.replace("'", "''")) + "'"
