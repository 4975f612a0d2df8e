"""Rolling back: an earlier manifest becomes the newest release; nothing is deleted or rewritten.

The order of the steps is what makes it safe to be killed between any two of them:

1. *The fence is raised and the rollback recorded as a run.* Every unfinished run is superseded
   from here on. Killed now, their loads are still pending and a new run takes them up.
2. *The later loads are withheld.* While the current release contains them the word has no
   effect. Killed now, nothing has changed for readers or for the next run.
3. *The release is published*, by compare-and-set. It no longer contains the later loads, and
   they are withheld already: no run can bring them in again unasked. The other way round, a
   kill between publishing and withholding would let the next run re-apply them.

Rolling back again after a kill starts over and ends in the same state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assay.domain import LoadHold, Release, Run, Stage, StageEvent, StageState, TableRef
from assay.errors import ReleaseError
from assay.pipeline.fingerprints import read_revision
from assay.pipeline.locks import product_lock, read_fence, write_fence
from assay.pipeline.pending import WITHHELD
from assay.pipeline.project import Project
from assay.pipeline.retention import require_retained
from assay.pipeline.run_states import ROLLBACK_PREFIX
from assay.pipeline.stage import open_stage
from assay.storage import require_data_files

KIND = "rollback"


@dataclass(frozen=True)
class RollbackOutcome:
    """What a rollback did. ``differs`` names definitions of today that made not this release.

    They are entries of ``Release.fingerprints``; the next run builds with today's.
    """

    release: Release
    target: Release
    replaced: Release
    withheld: tuple[str, ...]
    differs: tuple[str, ...]


def roll_back(
    project: Project, product: str, *, to: int, reason: str, actor: str
) -> RollbackOutcome:
    """Publish a release's manifest again and withhold the loads that came after it.

    Args:
        to: number of the release whose tables readers shall see again.
        reason: why, for the record.
        actor: who asked for it.

    Raises:
        ProductBusy: another process is writing the product.
        ReleaseConflict: another release was published meanwhile.
        ReleaseError: there is no such release, or it is the current one.
        StorageError: a version of a table of that release cannot be read any more.
    """
    target, current = _choose(project, product, to)
    for table, version in target.tables.items():
        require_data_files(project.table_path(TableRef.parse(table)), version)
    run = _begin(project, target, reason, actor)
    with open_stage(project, run.run_id, Stage.PUBLISH) as context:
        # Another release may have come while this waited for the lock: it goes back too.
        current = project.releases.get(product, run.base_release)
        now = project.clock()
        later = tuple(load for load in current.loads if load not in set(target.loads))
        _withhold(project, product, later, f"rolled back to release {to}: {reason}", actor, now)
        release = replace(
            target,
            number=run.base_release + 1,
            kind=KIND,
            run_id=context.run.run_id,
            base=run.base_release,
            published_at_utc=now,
        )
        project.releases.publish(release)
    return RollbackOutcome(release, target, current, later, _differing(current, target))


def _choose(project: Project, product: str, to: int) -> tuple[Release, Release]:
    target = project.releases.get(product, to)
    require_retained(project, target)
    current = project.releases.current(product) or target
    if current.number == to:
        raise ReleaseError(
            f"release {to} of {product} is the current one: there is nothing to roll back",
            todo=f"`assay releases {product}` lists the earlier ones",
        )
    return target, current


def _begin(project: Project, target: Release, reason: str, actor: str) -> Run:
    """Supersede unfinished runs and record the rollback as a run that builds nothing."""
    product = target.product
    started = project.clock()
    run_id = f"{ROLLBACK_PREFIX}{started:%Y%m%dT%H%M%S%f}"
    wait_seconds = project.settings.seconds("lock_wait_seconds")
    with product_lock(project.lake, product, run_id, wait_seconds):
        _, current = _choose(project, product, target.number)
        code = read_revision(project.settings.project_root)
        run = Run(
            run_id=run_id,
            product=product,
            fence=read_fence(project.lake, product) + 1,
            base_release=current.number,
            load_ids=(),
            models=(),
            rebuild=(),
            audits=(),
            pins=target.reads,
            fingerprints=target.fingerprints,
            code_revision=code.revision,
            code_dirty=code.is_dirty,
            code_tree_hash=code.tree_hash,
            started_at_utc=started,
        )
        write_fence(project.lake, product, run.fence)
        project.records.runs.append([run])
        message = f"{actor} rolls back release {current.number} to {target.number}: {reason}"
        event = StageEvent(
            run_id, product, Stage.LAND, StageState.SUCCEEDED, project.clock(), message
        )
        project.records.events.append([event])
    return run


def _withhold(
    project: Project,
    product: str,
    loads: Sequence[str],
    reason: str,
    actor: str,
    now: datetime,
) -> None:
    project.releases.hold([LoadHold(load, product, WITHHELD, reason, actor, now) for load in loads])


def _differing(current: Release, target: Release) -> tuple[str, ...]:
    names = {*current.fingerprints, *target.fingerprints}
    return tuple(
        sorted(
            name
            for name in names
            if current.fingerprints.get(name) != target.fingerprints.get(name)
        )
    )
