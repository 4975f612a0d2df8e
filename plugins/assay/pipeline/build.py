"""The stages that build: one dbt invocation a layer, then a look at where each row went."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from assay.contracts import compile_models, staging_model
from assay.domain import Candidate, LakeBinding, Layer, Load, Run, Stage, TableRef
from assay.errors import TransformError, advise_on_disk, is_of_the_disk
from assay.ingestion import holding_landed_bytes
from assay.lineage import (
    ColumnState,
    DatasetState,
    ModelRun,
    ParentRun,
    name_landed,
    name_model_job,
    name_table,
)
from assay.pipeline.balance import check_balances
from assay.pipeline.binding_file import write_binding
from assay.pipeline.bindings import layer_binding
from assay.pipeline.manifest import base_release, run_manifest
from assay.pipeline.project import Project
from assay.pipeline.stage import StageContext, open_stage
from assay.pipeline.store import candidates_path, read_candidates
from assay.storage import column_types, size_bytes
from assay.transform import Model, ModelResult

_log = logging.getLogger(__name__)

# What dbt and DuckDB say may quote a row's value: it stays in the run's own records.
_ENGINE_FAILED = "the model failed; `assay explain` of its run tells more"
_STAGES = {
    Layer.BRONZE: Stage.BRONZE,
    Layer.SILVER: Stage.SILVER,
    Layer.GOLD: Stage.GOLD,
}


def build_layer(
    project: Project, run_id: str, layer: Layer, parent: ParentRun | None = None
) -> list[Candidate]:
    """Build one layer of a run: candidate versions that nobody may read yet.

    Run again, it starts from the base again and ends in the same rows. Returns what was
    written; nothing where the run touches no model of the layer.

    Raises:
        TransformError: a model failed.
        BalanceError: rows were lost or invented between landing and silver.
        StorageError: a landed file is gone, or its bytes are not those that landed.
        RunSuperseded: the run is over.
    """
    with open_stage(project, run_id, _STAGES[layer], parent) as context:
        run = context.run
        models = project.dbt.models()
        _check_unchanged(run, models, run.models)
        built = [models[name] for name in run.models if models[name].folder == layer.value]
        if not built:
            return []
        built = _with_views(built, models)
        _check_unchanged(run, models, [model.name for model in built])
        base = base_release(project, run)
        manifest = run_manifest(project, run, models, base)
        binding = layer_binding(project, run, built, manifest, base)
        with holding_landed_bytes(project.lake, _loads_read(project, layer, binding)):
            candidates, results = _run_dbt(context, built, binding)
        project.records.candidates.append(candidates)
        _emit_lineage(context, models, results, candidates, binding)
        _raise_for_failures(context, layer, results)
        if layer is Layer.SILVER:
            check_balances(project, run, base)
        return candidates


def _loads_read(project: Project, layer: Layer, binding: LakeBinding) -> list[Load]:
    """List the loads whose landed files a layer reads: bronze those that it does not hold yet."""
    if layer is not Layer.BRONZE:
        return []
    read = {each.load_id for e in binding.entities for each in e.loads if each.is_for_bronze}
    return [load for load in project.loads.all(binding.product) if load.load_id in read]


def _run_dbt(
    context: StageContext, built: Sequence[Model], binding: LakeBinding
) -> tuple[list[Candidate], list[ModelResult]]:
    project, run = context.project, context.run
    scratch = project.scratch(run.run_id)
    scratch.mkdir(parents=True, exist_ok=True)
    candidates_path(scratch).unlink(missing_ok=True)
    path = scratch / f"{context.stage.value}.binding.json"
    write_binding(binding, path)
    results = project.dbt.run([model.name for model in built], path)
    return read_candidates(scratch), results


def _with_views(built: Sequence[Model], models: Mapping[str, Model]) -> list[Model]:
    """Add the product's views that these models read: a view is there in one dbt invocation only.

    The run may leave them alone otherwise, for nothing that they read has changed, and they may be
    of another layer.
    """
    found = {model.name: model for model in built}
    waiting = list(built)
    while waiting:
        reader = waiting.pop()
        for name in set(reader.depends_on) - set(found):
            parent = models[name]
            if parent.materialized == "view" and parent.product == reader.product:
                found[name] = parent
                waiting.append(parent)
    return list(found.values())


def _check_unchanged(run: Run, models: Mapping[str, Model], names: Sequence[str]) -> None:
    """Refuse to build with definitions other than those that the run was planned with."""
    changed = [
        name
        for name in names
        if name not in models or run.fingerprints.get(f"model:{name}") != models[name].fingerprint
    ]
    if changed:
        raise TransformError(
            f"models have changed since run {run.run_id} started: {', '.join(sorted(changed))}",
            todo=f"start a new run: `assay run {run.product}`",
        )


def _raise_for_failures(
    context: StageContext, layer: Layer, results: Sequence[ModelResult]
) -> None:
    run = context.run
    failed = [result for result in results if result.error]
    if failed:
        first = failed[0]
        others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise TransformError(
            f"the model {first.name}{others} failed: {first.error}",
            where=f"{layer.value} of run {run.run_id}",
            todo=f"{_what_to_do(context, first)}; readers still see the current release",
        )


def _what_to_do(context: StageContext, failed: ModelResult) -> str:
    """Say what a person does where a model failed: it need not be the model's fault."""
    again = f"assay run {context.run.product}"
    if is_of_the_disk(failed.error):
        return advise_on_disk(context.run.product, f" and run again: `{again}`")
    return f"{_what_to_mend(context, failed.name)} and run again: `{again}`"


def _what_to_mend(context: StageContext, model: str) -> str:
    """Say what a person changes where a model failed: not one that is compiled."""
    for contract in context.project.entities(context.run.product):
        if model in {path.stem for path in compile_models(contract)}:
            staging = staging_model(contract)
            return (
                f"{model} is compiled: mend the model {staging}, or its contract {contract.path},"
            )
    return "mend the model"


def _emit_lineage(
    context: StageContext,
    models: Mapping[str, Model],
    results: Sequence[ModelResult],
    candidates: Sequence[Candidate],
    binding: LakeBinding,
) -> None:
    written = {candidate.model: candidate for candidate in candidates}
    versions = {bound.table: bound.version for bound in binding.reads}
    runs = []
    for result in results:
        model = models[result.name]
        if not model.is_stored:
            continue
        inputs = [_input(each, written, versions) for each in _stored_inputs(model, models)]
        inputs += [DatasetState(name_landed(*name.split("__", 1))) for name in model.landed]
        candidate = written.get(model.name)
        outputs = [_output(context.project, model, candidate)] if candidate else []
        runs.append(
            ModelRun(
                name_model_job(model.product, model.layer, model.name),
                result.started_at_utc,
                result.ended_at_utc,
                inputs=inputs,
                outputs=outputs,
                sql=result.sql,
                error=_ENGINE_FAILED if result.error else "",
            )
        )
    context.project.emitter.emit_models(context.parent, runs)


def _stored_inputs(model: Model, models: Mapping[str, Model]) -> list[Model]:
    """Return the tables that a model reads, looking through scratch steps."""
    found: dict[str, Model] = {}
    for name in model.depends_on:
        parent = models[name]
        more = [parent] if parent.is_stored else _stored_inputs(parent, models)
        found |= {each.name: each for each in more}
    return list(found.values())


def _input(
    model: Model, written: Mapping[str, Candidate], versions: Mapping[TableRef, int]
) -> DatasetState:
    table = TableRef.parse(f"{model.layer}.{model.table}")
    candidate = written.get(model.name)
    version = candidate.version if candidate else versions.get(table)
    return DatasetState(name_table(table), version=version)


def _output(project: Project, model: Model, candidate: Candidate) -> DatasetState:
    table = TableRef.parse(candidate.table)
    path = project.table_path(table)
    descriptions = {name: text for name, _, text in model.columns}
    columns = tuple(
        ColumnState(name, kind, descriptions.get(name, ""))
        for name, kind in column_types(path, candidate.version)
    )
    return DatasetState(
        name_table(table),
        version=candidate.version,
        columns=columns,
        row_count=candidate.rows,
        size_bytes=size_bytes(path, candidate.version),
    )
