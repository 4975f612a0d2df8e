"""The first stage: land what was delivered, and fix what the run will do."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from assay.contracts import differing_checks, list_products
from assay.domain import (
    Contract,
    Load,
    LoadStatus,
    Release,
    Run,
    Stage,
    StageState,
)
from assay.errors import ContractError, ProductBusy, RunSuperseded, TransformError
from assay.ingestion import choose_server, land
from assay.lineage import DatasetState, ModelRun, ParentRun, name_landed, name_landing_job
from assay.pipeline.fingerprints import read_fingerprints, read_revision
from assay.pipeline.locks import check_fence, product_lock, read_fence, write_fence
from assay.pipeline.overdue import Overdue, find_overdue, require_in_time, telling_overdue
from assay.pipeline.pending import SKIPPED, PendingLoads, read_pending
from assay.pipeline.plan import Plan, make_plan, products_referred, silver_chain
from assay.pipeline.project import Project
from assay.pipeline.quarantine.replay import land_replays
from assay.pipeline.quarantine.settlements import find_unsettled
from assay.pipeline.refusals import refuse_if_blocked
from assay.pipeline.stage import record_event, record_event_of, record_failure
from assay.pipeline.support import support_warnings
from assay.quality import check_suites
from assay.transform import Model

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Started:
    """How a run began. ``run`` is None where there was nothing to do.

    ``warnings`` name tables older than agreed that this run does not audit, and tables whose
    support ends or has ended.
    """

    run: Run | None
    landed: tuple[Load, ...]
    pending: PendingLoads
    warnings: tuple[str, ...] = ()


def start_run(
    project: Project,
    product: str,
    run_id: str,
    *,
    is_full_refresh: bool = False,
    select: str = "",
    parent: ParentRun | None = None,
) -> Started:
    """Land new deliveries and start a run on all pending loads and changed definitions.

    Starting makes every earlier unfinished run of the product superseded. Called again with the
    id of a run that is still the newest, it lands nothing and returns that run as it is.

    Raises:
        ContractError: a contract cannot be read, or is not compiled.
        LoadRefused: nothing can be done because refused deliveries wait for an answer.
        ProductBusy: another process is writing the product.
        QualityError: a suite has what no audit can check.
        RunSuperseded: a run of this id has started and is over.
        SecretError: the secret store is needed and does not answer.
        SourceError: a source cannot be read.
        TablesOverdue: a table is older than agreed, and its contract stops the run for that.
    """
    with (
        telling_overdue(project, product, run_id) as overdue,
        _recorded(project, product, run_id, select),
        product_lock(project.lake, product, run_id, project.settings.seconds("lock_wait_seconds")),
    ):
        contracts = project.contracts(product)
        check_compiled(project, product, contracts)
        check_suites(project.settings.expectations_path, product)
        known = project.records.find_run(run_id)
        if known is not None:
            return _resume(project, known)
        entities = project.entities(product)
        landed = () if select else _land_all(project, product, entities, run_id, parent)
        started = _plan_run(project, product, run_id, landed, overdue, is_full_refresh, select)
    support = support_warnings(contracts, project.clock().date())
    for warning in support:
        _log.warning("contract_support product=%s run=%s %s", product, run_id, warning)
    return replace(started, warnings=(*support, *(each.what for each in overdue)))


def has_work(project: Project, product: str) -> bool:
    """Tell whether a run would have work in what is landed and defined now.

    Raises:
        ContractError: a contract cannot be read.
    """
    base = project.releases.current(product)
    ready = read_pending(project, product).ready
    plan = _make_plan(project, product, ready, is_full_refresh=False, select="")[0]
    return not (plan.is_empty or _is_before_first_delivery(project, product, base, ready))


def check_compiled(project: Project, product: str, contracts: Sequence[Contract]) -> None:
    """Make sure that what a run uses of what is compiled is what the contracts say.

    Raises:
        ContractError: files differ; names them.
    """
    result = differing_checks(project.settings.project_root, contracts, product)
    differing = [path.name for path in result.written]
    differing += [f"{path.name} (no contract says it any more)" for path in result.removed]
    if differing:
        raise ContractError(
            f"compiled files are not as the contracts of {product} say ({len(differing)}):"
            f" {', '.join(sorted(differing)[:5])}",
            todo=f"if a contract is missing, restore it; else run `assay contracts compile"
            f" {product}` and look at the difference",
        )


def _resume(project: Project, run: Run) -> Started:
    """Take up a run that is still the newest; its plan stays as it was recorded."""
    check_fence(project.lake, run.product, run.run_id, run.fence)
    if any(r.run_id == run.run_id for r in project.releases.all(run.product)):
        raise RunSuperseded(
            f"run {run.run_id} of {run.product} is over: it was published",
            todo="start a new run to change anything",
        )
    return Started(run, (), read_pending(project, run.product))


def _land_all(
    project: Project,
    product: str,
    entities: Sequence[Contract],
    run_id: str,
    parent: ParentRun | None,
) -> tuple[Load, ...]:
    environment = project.settings.environment
    if any(choose_server(each, environment).secret for each in entities):
        project.secrets.check()
    landed: list[Load] = []
    holds = project.releases.holds(product)
    skipped = {load_id for load_id, hold in holds.items() if hold.action == SKIPPED}
    with project.emitter.within(parent, product, Stage.LAND, run_id) as lineage_parent:
        for contract in entities:
            began = project.clock()
            new = land(
                contract,
                environment=environment,
                lake=project.lake,
                ledger=project.loads,
                deliveries=project.settings.deliveries_path,
                read_secret=project.secrets.get,
                now_utc=began,
                skipped=skipped,
            )
            new += land_replays(project, contract)
            landed += new
            if new:
                rows = sum(load.row_count for load in new)
                job = ModelRun(
                    name_landing_job(product, contract.table),
                    began,
                    project.clock(),
                    outputs=(DatasetState(name_landed(product, contract.table), row_count=rows),),
                    integration="ASSAY",
                    job_type="LANDING",
                )
                project.emitter.emit_models(lineage_parent, [job])
    for load in landed:
        for warning in load.warnings:
            _log.warning("load_warning load=%s file=%s %s", load.load_id, load.source_name, warning)
        if load.status is LoadStatus.REFUSED:
            _log.error("load_refused load=%s %s", load.load_id, load.reason)
    return tuple(landed)


def _plan_run(
    project: Project,
    product: str,
    run_id: str,
    landed: tuple[Load, ...],
    overdue: list[Overdue],
    is_full_refresh: bool,
    select: str,
) -> Started:
    """Fix what a run does, and record it; add what is overdue, also where it may not start."""
    base = project.releases.current(product)
    pending = read_pending(project, product)
    ready = () if select else pending.ready
    plan, fingerprints, pins = _make_plan(
        project, product, ready, is_full_refresh=is_full_refresh, select=select
    )
    audited = {*plan.models, *plan.audits}
    overdue += find_overdue(project, product, project.clock(), audited=audited)
    is_idle = plan.is_empty or _is_before_first_delivery(project, product, base, ready)
    if is_idle:
        refuse_if_blocked(pending)
    require_in_time(overdue)
    if is_idle:
        state = StageState.NOTHING_TO_DO
        record_event_of(project, product, run_id, Stage.LAND, state, select=select)
        return Started(None, landed, pending)
    code = read_revision(project.settings.project_root)
    run = Run(
        run_id=run_id,
        product=product,
        fence=read_fence(project.lake, product) + 1,
        base_release=base.number if base else 0,
        load_ids=tuple(load.load_id for load in ready),
        models=plan.models,
        rebuild=plan.rebuild,
        audits=plan.audits,
        pins=pins,
        fingerprints=fingerprints,
        code_revision=code.revision,
        code_dirty=code.is_dirty,
        code_tree_hash=code.tree_hash,
        started_at_utc=project.clock(),
        select=select,
    )
    write_fence(project.lake, product, run.fence)
    project.records.runs.append([run])
    record_event(project, run, Stage.LAND, StageState.SUCCEEDED)
    return Started(run, landed, pending)


def _is_before_first_delivery(
    project: Project, product: str, base: Release | None, ready: Sequence[Load]
) -> bool:
    """Tell whether a release would hold nothing but empty tables."""
    return base is None and not ready and bool(project.entities(product))


def _make_plan(
    project: Project,
    product: str,
    ready: Sequence[Load],
    *,
    is_full_refresh: bool,
    select: str,
) -> tuple[Plan, dict[str, str], dict[str, int]]:
    models = project.dbt.models()
    base = project.releases.current(product)
    pins = _pins(project, product, models)
    fingerprints = read_fingerprints(project, product, models)
    plan = make_plan(
        product=product,
        models=models,
        contracts=project.contracts(product),
        loaded_tables={load.table for load in ready},
        base=base,
        fingerprints=fingerprints,
        pins=pins,
        forced=set(models) if is_full_refresh else _unsettled_models(project, product, base),
        selected=_select(project, product, models, select) if select else None,
    )
    _refuse_unbuilt([models[name] for name in plan.models])
    if select and base is not None:
        fingerprints = _selected_fingerprints(fingerprints, base, plan)
    return plan, fingerprints, pins


def _select(project: Project, product: str, models: Mapping[str, Model], select: str) -> list[str]:
    """Name the models of a product that a selection means; what others have is not rebuilt here."""
    found = project.dbt.select(select)
    products = {models[name].product for name in found}
    if products and product not in products:
        others = ", ".join(sorted(products))
        raise TransformError(
            f"the selection '{select}' means no model of {product}, but of {others}",
            todo="select a model of the product, or run the other product",
        )
    return found


def _refuse_unbuilt(planned: Sequence[Model]) -> None:
    """Refuse models that read what dbt makes elsewhere: a run builds models alone."""
    found = [(model.name, each) for model in planned for each in model.unbuilt]
    if found:
        named = ", ".join(f"{name} reads the {each}" for name, each in found)
        raise TransformError(
            f"a run builds models only, no seeds and no snapshots: {named}",
            todo="deliver those rows as a table of a contract (deliveryMode: snapshot), and read"
            " its silver table",
        )


def _unsettled_models(project: Project, product: str, base: Release | None) -> set[str]:
    """Name models whose tables in the base still hold rows that people have settled."""
    return {silver_chain(contract)[0] for contract in find_unsettled(project, product, base)}


def _selected_fingerprints(now: Mapping[str, str], base: Release, plan: Plan) -> dict[str, str]:
    """After a run on a selection only the selected models are as they are defined now."""
    rebuilt = {f"model:{name}" for name in plan.rebuild}
    return dict(base.fingerprints) | {key: now[key] for key in rebuilt if key in now}


def _pins(project: Project, product: str, models: Mapping[str, Model]) -> dict[str, int]:
    """Pin the current release of every other product that this one reads."""
    own = [model for model in models.values() if model.product == product]
    read = {models[name].product for model in own for name in model.depends_on}
    read = read.union(*map(products_referred, project.contracts(product))) - {product}
    current = project.releases.current_of_all()
    for other in sorted(read & set(list_products(project.settings.contracts_path))):
        if other not in current:
            raise ContractError(
                f"{product} reads {other}, which has no release yet",
                todo=f"release it first: `assay run {other}`",
            )
    return {other: current[other].number for other in sorted(read) if other in current}


@contextmanager
def _recorded(project: Project, product: str, run_id: str, select: str) -> Iterator[None]:
    """Record why a run could not start, so that it can be explained like any other."""
    try:
        yield
    except (ProductBusy, RunSuperseded):
        raise
    except BaseException as error:
        record_failure(project, product, run_id, Stage.LAND, error, select=select)
        raise
