"""Keeping a lake small: what no retained release, live run or kept candidate needs, goes.

The order of the steps is what makes it safe to be killed between any two of them. Releases
beyond retention are recorded as retired *before* any of their files goes: from then on they
are refused by name. Then each table's files go, and its logs after a checkpoint that stands for
them. Doing it again continues.

Product tables are compacted by the runs that write them, not here: a compacted version is
another version than the one that was audited and released. (An append takes many small files in.)
Record tables compact themselves; here their old files and logs go.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assay.contracts import list_products
from assay.domain import Layer, Release, TableRef
from assay.errors import StorageError
from assay.pipeline.locks import product_lock
from assay.pipeline.project import Project
from assay.pipeline.retention import (
    Retention,
    RetiredRelease,
    find_retention,
    retired_releases,
)
from assay.storage import Cleaning, clean_table, current_version

_log = logging.getLogger(__name__)

_HOLDER = "maintenance"
_RECORDS_SPARED = timedelta(days=1)


@dataclass(frozen=True)
class TableCleaning:
    """What went from one table. ``problem`` says why it was left alone, where it was."""

    table: str
    cleaning: Cleaning
    problem: str = ""


@dataclass(frozen=True)
class Maintenance:
    """What was done, or would be in a dry run."""

    tables: tuple[TableCleaning, ...]
    retired: tuple[Release, ...]
    scratch_folders: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        return sum(each.cleaning.size_bytes for each in self.tables)


def maintain(
    project: Project,
    product: str = "",
    *,
    keep_releases: int,
    keep_days: int,
    is_dry_run: bool = False,
) -> Maintenance:
    """Retire old releases and remove what nothing needs any more.

    Args:
        product: only its tables; empty: all tables of the lake.
        keep_releases: how many of each product's newest releases stay readable.
        keep_days: how long candidates of runs that did not publish stay readable.

    Raises:
        ProductBusy: another process is writing a product.
        StorageError: the records cannot be read or written.
    """
    with _locked(project, product) as holders:
        retention = find_retention(project, keep_releases, keep_days, holders)
        retired = tuple(r for r in retention.retired if product in ("", r.product))
        if not is_dry_run:
            now = project.clock()
            retired_releases(project).append(
                [RetiredRelease(r.product, r.number, now) for r in retired]
            )
        tables = [
            _clean(project, table, retention, is_dry_run)
            for table in _tables(project)
            if product in ("", _owner(project, table))
        ]
        tables += [] if product else _clean_records(project, is_dry_run)
        scratch = _clean_scratch(project, product, retention, is_dry_run)
    done = Maintenance(tuple(tables), retired, scratch)
    _log.info(
        "maintained tables=%d retired=%d removed_bytes=%d dry_run=%s",
        len(tables),
        len(retired),
        done.size_bytes,
        is_dry_run,
    )
    return done


@contextmanager
def _locked(project: Project, product: str) -> Iterator[dict[str, str]]:
    """Hold the lock of every product concerned, so that no write is under way.

    Yields by product the run that is at work, and held its lock until then.
    """
    known = {*list_products(project.settings.contracts_path), *project.releases.current_of_all()}
    products = [product] if product else sorted(known)
    wait = project.settings.seconds("lock_wait_seconds")
    with ExitStack() as stack:
        yield {
            each: stack.enter_context(product_lock(project.lake, each, _HOLDER, wait))
            for each in products
        }


def _tables(project: Project) -> list[TableRef]:
    found = []
    for layer in Layer:
        for folder in sorted((project.lake / "tables" / layer.value).glob("*")):
            if current_version(folder) is not None:
                found.append(TableRef(layer, folder.name))
    return found


def _owner(project: Project, table: TableRef) -> str:
    """Name the product that writes a table: the one that wrote it last."""
    written = project.records.candidates.read(table=str(table))
    return max(written, key=lambda each: each.written_at_utc).product if written else ""


def _clean(
    project: Project, table: TableRef, retention: Retention, is_dry_run: bool
) -> TableCleaning:
    """Clean one table; where a version to keep does not open, leave all of it as it is."""
    try:
        cleaning = clean_table(
            project.table_path(table),
            retention.versions.get(table, frozenset()),
            is_dry_run=is_dry_run,
        )
    except StorageError as error:
        _log.warning("table_left_alone table=%s %s", table, error)
        return TableCleaning(str(table), Cleaning((), (), 0), str(error.what))
    return TableCleaning(str(table), cleaning)


def _clean_records(project: Project, is_dry_run: bool) -> list[TableCleaning]:
    """Clean the platform's own tables, of which only the newest version is ever read.

    They are written without a lock: what is younger than a day is left alone.
    """
    before = project.clock() - _RECORDS_SPARED
    found = []
    for path in sorted((project.lake / "_assay").glob("*")):
        if current_version(path) is not None:
            cleaning = clean_table(path, (), before=before, is_dry_run=is_dry_run)
            found.append(TableCleaning(f"_assay.{path.name}", cleaning))
    return found


def _clean_scratch(
    project: Project, product: str, retention: Retention, is_dry_run: bool
) -> tuple[str, ...]:
    """Remove the scratch folders of runs that are over."""
    live = {run.run_id for run in retention.live_runs}
    owned = {r.run_id for r in project.records.runs.read() if product in ("", r.product)}
    folder: Path = project.scratch("any").parent
    gone = [each for each in sorted(folder.glob("*")) if each.name in owned - live]
    if not is_dry_run:
        for each in gone:
            shutil.rmtree(each, ignore_errors=True)
    return tuple(each.name for each in gone)
