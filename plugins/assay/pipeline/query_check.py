"""Is a person's query one statement that only reads, and only tables by name?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import duckdb

from assay.errors import ReleaseError, first_paragraph

_EXPLAIN = re.compile(r"\s*explain\b(\s+analyze\b)?(\s*\([^)]*\))?", re.IGNORECASE)
_PIVOT_PARTS = {
    duckdb.StatementType.CREATE,
    duckdb.StatementType.SELECT,
    duckdb.StatementType.TRANSACTION,
}
# Table functions that read no file.
_FUNCTIONS = {"generate_series", "range", "repeat", "repeat_row", "unnest"}
_INFORMATION = re.compile(r"(duckdb|pragma)_\w+")
_CALL = re.compile(r"\b([a-z_]\w*)\s*\(", re.IGNORECASE)
_TEXT_AS_TABLE = re.compile(
    r"\b(?:pivot|pivot_wider|from|join)\s*['\"][^'\"]*[./]|\.(?:parquet|csv|tsv|json|ndjson|jsonl)\b",
    re.IGNORECASE,
)


def check_is_reading(query: str) -> None:
    """Make sure that a text is one statement that only reads tables, by their names.

    Files are not for queries: their newest rows may be ones that nobody released.

    Raises:
        ReleaseError: it is none, several, another kind, reads a file, or is not SQL.
    """
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise _unreadable(first_paragraph(error)) from error
    kinds = [statement.type for statement in statements]
    if len(statements) > 1 and _is_pivot(statements):
        _refuse_files(_pivot_sources(query))
        return
    if len(statements) > 1:
        raise _refuse(f"{len(statements)} statements were given")
    if not kinds:
        raise _refuse("no statement was given")
    if kinds == [duckdb.StatementType.EXPLAIN]:
        explained = _EXPLAIN.match(query)
        if explained is None:
            raise _refuse("EXPLAIN has to stand first, without a comment before it")
        check_is_reading(query[explained.end() :])
    elif kinds != [duckdb.StatementType.SELECT]:
        raise _refuse(f"a {kinds[0].name} statement was given")
    else:
        _refuse_files(_sources(query))


def _sources(query: str) -> Iterator[str]:
    """Yield the names of what a SELECT reads that is no table: functions, files."""
    with duckdb.connect() as connection:
        found = connection.execute("select json_serialize_sql(?)", [query]).fetchall()[0][0]
    tree = json.loads(found)
    if tree.get("error"):
        raise _unreadable(tree.get("error_message"))
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            nodes += node.values()
            if node.get("type") == "TABLE_FUNCTION":
                yield str(node["function"]["function_name"])
            name = str(node.get("table_name", ""))
            if node.get("type") == "BASE_TABLE" and re.search(r"[./\\:*]", name):
                yield f"'{name}'"


def _pivot_sources(query: str) -> Iterator[str]:
    """Yield what a PIVOT statement might read that is no table; DuckDB gives no tree of it."""
    with duckdb.connect() as connection:
        listed = connection.execute(
            "select distinct function_name from duckdb_functions()"
            " where function_type in ('table', 'table_macro')"
        ).fetchall()
    functions = {name for (name,) in listed} | {"delta_scan"}
    yield from (name for name in _CALL.findall(query) if name.lower() in functions)
    if _TEXT_AS_TABLE.search(query):
        yield "a file"


def _refuse_files(sources: Iterator[str]) -> None:
    for name in sources:
        if name.lower() in _FUNCTIONS or _INFORMATION.fullmatch(name.lower()):
            continue
        raise ReleaseError(
            f"the query reads {name}: expected tables by name, which are read as released",
            todo='name tables <layer>.<table>: `assay sql "show all tables"` lists them;'
            " `--run` and `--release` choose other versions of them",
        )


def _is_pivot(statements: list[duckdb.Statement]) -> bool:
    """DuckDB turns a PIVOT into several statements of its own, which have no text."""
    return all(not each.query and each.type in _PIVOT_PARTS for each in statements)


def _unreadable(problem: object) -> ReleaseError:
    return ReleaseError(
        f"the query cannot be read: {problem}", todo="mend it: queries are in DuckDB's SQL"
    )


def _refuse(found: str) -> ReleaseError:
    return ReleaseError(
        f"{found}, but `assay sql` only reads: expected one SELECT, FROM, WITH, VALUES, DESCRIBE,"
        " SHOW, SUMMARIZE, PIVOT or EXPLAIN",
        todo="tables are written by models: see dbt_project/models",
    )
