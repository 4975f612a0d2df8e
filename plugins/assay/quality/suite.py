"""Suites as files: Great Expectations' own JSON, which GX opens as well."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assay.domain import Severity, TableRef, did_you_mean
from assay.errors import AuditFailed, QualityError
from assay.quality.coverage import refuse_reason

_OWN = ".own.json"
# What a query of a suite writes otherwise than SQL does: a brace names a relation in it, a colon
# a parameter unless it is escaped as SQLAlchemy reads it.
_MARK = re.compile(r"\{batch\}|\{\{|\}\}")
_ESCAPED_COLON = re.compile(r"\\(:[\w$]*)(?![:\w$])")


@dataclass(frozen=True)
class Expectation:
    """One check: a Great Expectations type and its arguments.

    ``place`` says where it is written, such as ``expectations/shop/orders.json, expectation 2``.
    """

    suite: str
    type: str
    kwargs: Mapping[str, object]
    severity: Severity = Severity.CRITICAL
    description: str = ""
    meta: Mapping[str, object] = field(default_factory=dict)
    place: str = ""

    @property
    def name(self) -> str:
        """The rule's own name (``meta.name``) where it has one, else the type."""
        return str(self.meta.get("name") or self.type)

    @property
    def column(self) -> str:
        """The columns that it speaks of, comma-separated; empty for a whole table."""
        names = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        listed = self.kwargs.get("column_list")
        more = listed if isinstance(listed, list) else []
        return ", ".join(str(name) for name in (*names, *more, *self.key) if name)

    def query_on(self, relation: str) -> str:
        """Write its query that shall find no row as DuckDB runs it; empty where it has none."""
        query = self.kwargs.get("unexpected_rows_query")
        if not isinstance(query, str):
            return ""
        marks = {"{batch}": relation, "{{": "{", "}}": "}"}
        named = _MARK.sub(lambda found: marks[found[0]], query)
        return _ESCAPED_COLON.sub(r"\1", named)

    @property
    def reads(self) -> tuple[TableRef, ...]:
        """The other tables that its query names (``meta.reads``)."""
        return tuple(TableRef.parse(name) for name in _texts(self.meta.get("reads")) or ())

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of a foreign key (``meta.key``); none for any other check."""
        return tuple(_texts(self.meta.get("key")) or ())


@dataclass(frozen=True)
class Suite:
    """What one table is audited for: the compiled suite, then the team's own."""

    name: str
    product: str
    table: TableRef
    expectations: tuple[Expectation, ...]

    @property
    def reads(self) -> tuple[TableRef, ...]:
        """Every other table that its checks read, sorted."""
        return tuple(sorted({table for each in self.expectations for table in each.reads}))


@dataclass(frozen=True)
class SuiteFile:
    """What one file holds. ``compiled_from`` is its contract; empty where it is hand-written."""

    name: str
    expectations: tuple[Expectation, ...]
    compiled_from: str


def suite_path(expectations: Path, product: str, table: TableRef) -> Path:
    """Where a table's suite is written."""
    return expectations / product / f"{table.suite}.json"


def own_suite_path(expectations: Path, product: str, table: TableRef) -> Path:
    """Where a team writes further expectations for a table; the file may be absent."""
    return expectations / product / f"{table.suite}{_OWN}"


def load_suite(expectations: Path, product: str, table: TableRef) -> Suite:
    """Read ``<product>/<table>.json`` and, where it exists, ``<table>.own.json`` beside it.

    Raises:
        AuditFailed: there is no suite, or it has no expectation: nothing can vouch for the table.
        QualityError: a file cannot be read as a suite, or Great Expectations refuses one of
            its expectations.
    """
    path = suite_path(expectations, product, table)
    if not path.is_file():
        raise AuditFailed(
            f"{table} has no suite: an audit without one cannot pass",
            where=str(path),
            todo="write the suite there, or compile it from the table's contract",
        )
    file = read_suite_file(path)
    name, found = file.name, file.expectations
    own = own_suite_path(expectations, product, table)
    if own.is_file():
        found = (*found, *read_suite_file(own).expectations)
    for each in found:
        _check_accepted(each)
    if not found:
        raise AuditFailed(
            f"the suite of {table} has no expectation: zero checks is not a pass",
            where=str(path),
            todo=f"add at least one expectation there or in {own.name}",
        )
    return Suite(name, product, table, found)


def suite_reads(expectations: Path, product: str, table: TableRef) -> frozenset[TableRef]:
    """Return the other tables that a table's checks read; none where it has no suite.

    Raises:
        QualityError: a file is not a suite.
    """
    paths = (suite_path(expectations, product, table), own_suite_path(expectations, product, table))
    found = (
        each for path in paths if path.is_file() for each in read_suite_file(path).expectations
    )
    return frozenset(name for each in found for name in each.reads)


def check_suites(expectations: Path, product: str) -> None:
    """Refuse suites of a product that no audit could run, before any work is done.

    It reads the files alone and asks Great Expectations nothing: whether it takes an
    expectation's arguments is asked when the table is audited.

    Raises:
        QualityError: a file is not a suite, one of its expectations cannot be checked, or a
            team's own file has no suite beside it.
    """
    require_fitting_names(expectations, product, written_suites(expectations, product))
    for path in sorted((expectations / product).glob("*.json")):
        for each in read_suite_file(path).expectations:
            given = [name for name, value in each.kwargs.items() if value is not None]
            if reason := refuse_reason(each.type, given):
                raise _refusal(f"{each.type}: {reason}", each.place)


def written_suites(expectations: Path, product: str) -> set[str]:
    """Name the suites of a product that have a file, compiled or written by hand."""
    files = (expectations / product).glob("*.json")
    return {path.stem for path in files if not path.name.endswith(_OWN)}


def require_fitting_names(expectations: Path, product: str, suites: Collection[str]) -> None:
    """Refuse a team's own files of which no table's suite has the name: no audit reads them.

    Raises:
        QualityError: there is one; names the suites that are near.
    """
    for path in sorted((expectations / product).glob(f"*{_OWN}")):
        name = path.name.removesuffix(_OWN)
        if name in suites:
            continue
        # Of a landed entity one is inclined to leave out the product.
        silver = f"{product}__{name}"
        near = did_you_mean(silver if silver in suites else name, suites, "it has no suite")
        raise QualityError(
            f"{path.name} belongs to no table of {product}: its expectations are never checked",
            where=str(path),
            todo=f"give it the name of the table's suite ({near}), or remove it",
        )


def read_suite_file(path: Path) -> SuiteFile:
    """Read one file of a suite.

    Raises:
        QualityError: it is not a suite.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(f"the suite cannot be read: {error}", str(path)) from error
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}, column {error.colno}"
        raise _refusal(f"the suite is not JSON: {error.msg}", where) from error
    if not isinstance(content, dict):
        raise _refusal(f"the suite is {_kind(content)}, expected an object", str(path))
    name, entries = content.get("name"), content.get("expectations")
    if not isinstance(name, str) or not name:
        raise _refusal(f"'name' is {_kind(name)}, expected a text", str(path))
    if not isinstance(entries, list):
        raise _refusal(f"'expectations' is {_kind(entries)}, expected a list", str(path))
    places = [f"{path}, expectation {number}" for number in range(1, len(entries) + 1)]
    found = tuple(_read_entry(name, *each) for each in zip(entries, places, strict=True))
    meta = content.get("meta")
    source = meta.get("compiled_from") if isinstance(meta, dict) else ""
    return SuiteFile(name, found, str(source or ""))


def _read_entry(suite: str, entry: object, place: str) -> Expectation:
    if not isinstance(entry, dict):
        raise _refusal(f"it is {_kind(entry)}, expected an object with 'type' and 'kwargs'", place)
    kind, kwargs, meta = entry.get("type"), entry.get("kwargs", {}), entry.get("meta") or {}
    if not isinstance(kind, str) or not kind:
        raise _refusal(f"'type' is {_kind(kind)}, expected a text such as {_EXAMPLE}", place)
    for key, value in (("kwargs", kwargs), ("meta", meta)):
        if not isinstance(value, dict):
            raise _refusal(f"'{key}' is {_kind(value)}, expected an object", place)
    _check_reads(meta, place)
    severities = [each.value for each in Severity]
    severity = entry.get("severity", Severity.CRITICAL.value)
    if severity not in severities:
        allowed = ", ".join(severities)
        raise _refusal(f"'severity' is {severity!r}, expected one of: {allowed}", place)
    description = str(entry.get("description") or "")
    return Expectation(suite, kind, kwargs, Severity(severity), description, meta, place)


def _check_reads(meta: Mapping[str, object], place: str) -> None:
    for name in ("reads", "key"):
        if name in meta and _texts(meta[name]) is None:
            raise _refusal(f"'meta.{name}' is not a list of names", place)
    try:
        for table in _texts(meta.get("reads")) or ():
            TableRef.parse(table)
    except ValueError as error:
        raise _refusal(f"'meta.reads': {error}", place) from error


def _texts(value: object) -> list[str] | None:
    """Return a list of texts as it is, and nothing else."""
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if isinstance(value, list) and is_list else None


def _check_accepted(expectation: Expectation) -> None:
    """Ask Great Expectations whether it knows the type and takes the arguments."""
    from assay.quality.validation import find_fault

    if fault := find_fault(expectation):
        raise _refusal(f"{expectation.type}: {fault}", expectation.place)


_EXAMPLE = "expect_column_values_to_not_be_null"


def _refusal(what: str, where: str) -> QualityError:
    todo = "correct the file; its format is Great Expectations' ExpectationSuite"
    return QualityError(what, where=where, todo=todo)


def _kind(value: object) -> str:
    if value == "":
        return "an empty text"
    names = {dict: "an object", list: "a list", str: "a text", type(None): "missing"}
    return names.get(type(value), "a number or a boolean")
