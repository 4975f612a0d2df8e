"""Merging rows into a table: which files it touches, and what shall stand in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from assay.domain import quote_name
from assay.errors import StorageError
from assay.storage.live_files import LiveFile, LiveFiles

METHODS = ("append", "merge", "rewrite")
_REWRITE_SHARE = 4
# Where as many files all have a new key, the other candidates are taken to have one, too:
# looking into each costs a tenth of writing it anew.
_SAMPLE = 4
_OLD = re.compile(r"\bDBT_INTERNAL_(DEST|TARGET)\b", re.IGNORECASE)
_NEW = re.compile(r"\bDBT_INTERNAL_SOURCE\b", re.IGNORECASE)


@dataclass(frozen=True)
class MergeRules:
    """What a merge does with rows whose keys are there. All SQL is over ``old`` and ``new``.

    ``update_columns``: only these are replaced; empty: all but ``exclude_columns``.
    ``predicates`` narrow what counts
    as the same row. A new row for which ``delete_when`` is true removes the old one; one for
    which ``soft_delete_when`` is true replaces ``soft_delete_columns`` only; neither is added
    where no old one is there. ``update_when`` and ``insert_when`` narrow which new rows
    replace and which are added. ``method`` forces append, merge (of the files touched) or
    rewrite (of all files). Where ``is_by_row`` is false, keys may repeat and be null: old rows
    with a key go, and all new rows come. ``control_columns`` of the new rows are for the
    predicates only: the table has none of them.
    """

    update_columns: tuple[str, ...] = ()
    exclude_columns: tuple[str, ...] = ()
    predicates: tuple[str, ...] = ()
    delete_when: str = ""
    soft_delete_when: str = ""
    soft_delete_columns: tuple[str, ...] = ()
    update_when: str = ""
    insert_when: str = ""
    method: str = ""
    is_by_row: bool = True
    control_columns: tuple[str, ...] = ()

    @property
    def replaces_whole_rows(self) -> bool:
        return not (
            self.update_columns
            or self.exclude_columns
            or self.delete_when
            or self.soft_delete_when
            or self.update_when
            or self.insert_when
        )


@dataclass(frozen=True)
class MergePlan:
    """How a merge is written, and why: ``touched`` files are replaced by what comes out."""

    method: str
    touched: tuple[LiveFile, ...]
    reason: str


def plan_merge(
    connection: duckdb.DuckDBPyConnection,
    live: LiveFiles,
    new: str,
    keys: Sequence[str],
    rules: MergeRules,
) -> MergePlan:
    """Choose between append, merge and rewrite by the log's statistics, then by the keys.

    Raises:
        StorageError: the forced method is none.
    """
    if rules.method and rules.method not in METHODS:
        raise StorageError(
            f"the merge method is '{rules.method}'", todo=f"allowed: {', '.join(METHODS)}"
        )
    if rules.method == "append":
        return MergePlan("append", (), "the config asks for it")
    if rules.method == "rewrite":
        return MergePlan("rewrite", live.files, "the config asks for it")
    total = len(live.files)
    candidates = live.overlapping(connection, keys, new)
    if not candidates:
        return MergePlan("append", (), f"statistics: none of {total} files can hold a new key")
    sample = candidates[:: max(len(candidates) // _SAMPLE, 1)][:_SAMPLE]
    found = _matched_rows(connection, live, sample, new, keys, rules)
    if len(candidates) >= 2 * _SAMPLE and len(found) == len(sample):
        matched = sum(found.values()) * len(candidates) // len(sample)
        touched = candidates
        where = (
            f"{len(candidates)} of {total} files may have a new key, all {_SAMPLE} looked into do"
        )
    else:
        rest = [file for file in candidates if file not in sample]
        found |= _matched_rows(connection, live, rest, new, keys, rules)
        matched, touched = sum(found.values()), live.named(found)
        where = f"{matched} rows in {len(touched)} of {total} files have a new key"
    if not touched:
        return MergePlan("append", (), f"{where}, {len(candidates)} looked into")
    if rules.method != "merge" and matched * _REWRITE_SHARE > live.rows:
        return MergePlan("rewrite", live.files, f"{where}: over a quarter of {live.rows}")
    return MergePlan("merge", touched, where)


def _matched_rows(
    connection: duckdb.DuckDBPyConnection,
    live: LiveFiles,
    files: Sequence[LiveFile],
    new: str,
    keys: Sequence[str],
    rules: MergeRules,
) -> dict[str, int]:
    """Count the rows whose key is among the new ones, by file; files without any are left out."""
    if not files:
        return {}
    read = live.columns if rules.predicates else keys
    columns = ", ".join(["filename", *map(quote_name, read)])
    old = _narrowed(live.read(connection, files, columns), rules)
    found = connection.execute(
        f"select filename, count(*) from {old} as old"
        f" semi join {new} as new on {matches(keys, rules)} group by filename"
    ).fetchall()
    return {str(name): int(count) for name, count in found}


def matches(keys: Sequence[str], rules: MergeRules) -> str:
    """Write the condition under which an old and a new row are the same."""
    same = [f"old.{quote_name(key)} = new.{quote_name(key)}" for key in keys]
    own, both = _split(rules.predicates)
    return " and ".join([*same, *(["old._assay_within"] if own else []), *both])


def _split(predicates: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell predicates on the old rows alone from those that name the new ones too."""
    named = [f"({_aliased(each)})" for each in predicates]
    both = [each for each in named if re.search(r"\bnew\.", each)]
    return [each for each in named if each not in both], both


def _narrowed(old: str, rules: MergeRules) -> str:
    """Evaluate the predicates on the old rows where the new ones are out of sight."""
    own, _ = _split(rules.predicates)
    if not own:
        return old
    return f"(select *, coalesce({' and '.join(own)}, false) as _assay_within from {old} as old)"


def merged_rows(
    old: str,
    new: str,
    columns: Sequence[str],
    keys: Sequence[str],
    rules: MergeRules,
    *,
    added: str = "",
) -> str:
    """Write the relation that stands where ``old`` stood once ``new`` is merged into it.

    Where whole rows are replaced and some of ``new`` are in the table's files already,
    ``added`` are the others.
    """
    names = ", ".join(map(quote_name, columns))
    old, on = _narrowed(old, rules), matches(keys, rules)
    if rules.replaces_whole_rows:
        return (
            f"(select {names} from {old} as old anti join {new} as new on {on}"
            f" union all select {names} from {added or new})"
        )
    values = ", ".join(_value(column, rules) for column in columns)
    flagged = f"(select *, {_flags(rules)} from {new} as new)"
    return (
        f"(select {values} from {old} as old"
        f" left join (select * from {flagged} where _assay_updates) as new on {on}"
        " where not coalesce(new._assay_deletes, false)"
        f" union all select {names} from {flagged} as new anti join {old} as old on {on}"
        " where _assay_inserts and not _assay_deletes and not _assay_hides)"
    )


def _value(column: str, rules: MergeRules) -> str:
    name = quote_name(column)
    is_updated = column not in rules.exclude_columns and (
        not rules.update_columns or column in rules.update_columns
    )
    in_update = f"new.{name}" if is_updated else f"old.{name}"
    in_soft = f"new.{name}" if column in rules.soft_delete_columns else f"old.{name}"
    return (
        f"case when new._assay_hides is null then old.{name}"
        f" when new._assay_hides then {in_soft} else {in_update} end as {name}"
    )


def _flags(rules: MergeRules) -> str:
    """Write what a new row does as columns of it, each true or false."""
    flags = {
        "_assay_deletes": rules.delete_when or "false",
        "_assay_hides": rules.soft_delete_when or "false",
        "_assay_updates": rules.update_when or "true",
        "_assay_inserts": rules.insert_when or "true",
    }
    return ", ".join(f"coalesce(({_aliased(sql)}), false) as {n}" for n, sql in flags.items())


def _aliased(predicate: str) -> str:
    """Name the two sides as here, in a predicate that names them as dbt does."""
    return _NEW.sub("new", _OLD.sub("old", predicate))
