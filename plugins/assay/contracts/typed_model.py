"""Compiles the first step to silver: a landed entity's texts, read as what its contract says."""

from __future__ import annotations

from string import digits

from assay.contracts.model_text import lines, text_literal
from assay.contracts.nested import read_call
from assay.contracts.row_conditions import Named, names_or_null
from assay.domain import LOAD_COLUMNS, Column, Contract, quote_name

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


def typed_model(contract: Contract) -> str:
    """Write the SQL of the typed rows.

    A text that cannot be read is NULL, and its column is named in ``_unreadable``.
    """
    texts = [f"{_text(c, contract)} as {_raw(c)}" for c in contract.columns]
    parsed = [_parse(c, contract) for c in contract.columns if _is_parsed(c)]
    typed = [f"{_cast(c)} as {quote_name(c.name)}" for c in contract.columns]
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
{lines([*texts, *LOAD_COLUMNS], 8)}
    from source

),

parsed as (

    select
{lines(["*", *parsed], 8)}
    from texts

),

typed as (

    select
        *,
{lines(typed, 8)}
    from parsed

)

select
{lines([quote_name(c.name) for c in contract.columns], 4)},
    {names_or_null(unreadable)} as _unreadable,
    _load_id,
    _source_file,
    _row_number,
    _ingested_at
from typed
"""


def _text(column: Column, contract: Contract) -> str:
    name = quote_name(column.name)
    if not contract.null_texts or _reads_no_null_text(column, contract):
        return name
    if len(contract.null_texts) == 1:
        return f"nullif({name}, {text_literal(contract.null_texts[0])})"
    return f"case when {name} not in ({_null_texts(contract)}) then {name} end"


def _parse(column: Column, contract: Contract) -> str:
    """Parse what is not a text for NULL: to find that such a text is none costs many times more."""
    call = f"{{{{ parse_text('{_raw(column)}', '{column.data_type}') }}}}"
    if contract.null_texts and _reads_no_null_text(column, contract):
        call = f"case when {_raw(column)} not in ({_null_texts(contract)}) then {call} end"
    return f"{call} as {_parsed(column)}"


def _is_unreadable(column: Column, contract: Contract) -> str:
    unread = f"{quote_name(column.name)} is null and {_raw(column)} is not null"
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
    return ", ".join(text_literal(each) for each in contract.null_texts)


def _is_parsed(column: Column) -> bool:
    """Tell whether a text is first parsed, then judged: numbers, days and times."""
    return column.data_type not in ("varchar", "boolean") and not column.parts


def _raw(column: Column) -> str:
    return quote_name(f"_text_{column.name}")


def _parsed(column: Column) -> str:
    return quote_name(f"_parsed_{column.name}")


def _cast(column: Column) -> str:
    if column.data_type == "varchar":
        return _raw(column)
    if column.parts:
        return read_call(column, _raw(column))
    macro = _CASTS.get(column.data_type, "read_number")
    parsed = f", '{_parsed(column)}'" if _is_parsed(column) else ""
    return f"{{{{ {macro}('{_raw(column)}', '{column.data_type}'{parsed}) }}}}"
