"""What the dbt of one layer of a run may read and write."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from assay.domain import (
    BoundEntity,
    BoundLoad,
    BoundTable,
    Contract,
    DeliveryMode,
    LakeBinding,
    Load,
    LoadStatus,
    Release,
    Run,
    TableRef,
)
from assay.pipeline.delivered_columns import find_headers
from assay.pipeline.manifest import CandidateManifest
from assay.pipeline.plan import silver_chain
from assay.pipeline.project import Project
from assay.pipeline.quarantine.settlements import bind_settlements
from assay.transform import Model


def layer_binding(
    project: Project,
    run: Run,
    built: Sequence[Model],
    manifest: CandidateManifest,
    base: Release | None,
) -> LakeBinding:
    """Bind one layer's dbt invocation.

    The tables that it builds start from the base's version, those to rebuild from nothing, on
    every attempt; everything else that the product holds is read as the run has it so far.
    """
    targets = {TableRef.parse(f"{m.layer}.{m.table}"): m for m in built if m.is_stored}
    bases = tuple(
        bind_table(project, table, base.tables[str(table)])
        for table, model in targets.items()
        if base is not None and str(table) in base.tables and model.name not in run.rebuild
    )
    own = [
        bind_table(project, table, version)
        for table, version in manifest.tables.items()
        if table not in targets
    ]
    return LakeBinding(
        product=run.product,
        run_id=run.run_id,
        fence=run.fence,
        lake=str(project.lake),
        write_root=str(project.lake),
        scratch=str(project.scratch(run.run_id)),
        reads=(*own, *bases, *pinned_tables(project, run.pins)),
        bases=bases,
        entities=tuple(
            bind_entity(project, contract, _released(base), run.load_ids, run.rebuild)
            for contract in project.entities(run.product)
        ),
        memory_limit=project.settings.memory_limit,
        threads=project.settings.threads,
    )


def bind_entity(
    project: Project,
    contract: Contract,
    released: Collection[str],
    new_loads: Collection[str],
    rebuild: Collection[str],
) -> BoundEntity:
    """Bind an entity's loads: the new ones, and where its models are rebuilt all of them."""
    is_bronze_rebuilt = contract.bronze.name in rebuild
    is_silver_rebuilt = is_bronze_rebuilt or silver_chain(contract)[0] in rebuild
    landed = project.loads.of_table(contract.product, contract.table)
    known = [
        load
        for load in landed
        if load.status is LoadStatus.LANDED
        and (load.load_id in released or load.load_id in new_loads)
    ]
    repeats = _repeated_loads(contract, known)
    loads = []
    for load in known:
        is_new = load.load_id in new_loads
        if not (is_new or is_silver_rebuilt):
            continue
        loads.append(
            BoundLoad(
                load_id=load.load_id,
                product=load.product,
                table=load.table,
                path=str(project.lake / load.landed_path),
                source_file=load.source_name,
                ingested_at_utc=load.landed_at_utc,
                delivered_columns=load.columns,
                headers=find_headers(load, contract),
                delimiter=load.delimiter,
                is_for_bronze=is_new or is_bronze_rebuilt,
                is_for_silver=True,
                row_count=load.row_count,
                duplicate_of=repeats.get(load.load_id, ""),
            )
        )
    columns = tuple(column.name for column in contract.columns)
    newest = known[-1].load_id if known else ""
    settled, replays = bind_settlements(project, contract, landed, {each.load_id for each in loads})
    return BoundEntity(
        contract.product, contract.table, columns, tuple(loads), newest, settled, replays
    )


def bind_table(project: Project, table: TableRef, version: int) -> BoundTable:
    """Bind a table of the lake at a version."""
    return BoundTable(table, str(project.table_path(table)), version)


def pinned_tables(project: Project, pins: Mapping[str, int]) -> tuple[BoundTable, ...]:
    """Bind all tables of the releases of other products that a run reads."""
    return tuple(
        bind_table(project, TableRef.parse(table), version)
        for product, number in pins.items()
        for table, version in project.releases.get(product, number).tables.items()
    )


def _released(base: Release | None) -> Collection[str]:
    return set(base.loads) if base else set()


def _repeated_loads(contract: Contract, loads: Sequence[Load]) -> dict[str, str]:
    """Find loads with the bytes of an earlier one, where rows without keys are appended.

    A replay is never one: each of its rows stands for another row, which has left its place.
    """
    if contract.mode is not DeliveryMode.APPEND or contract.key:
        return {}
    first: dict[str, str] = {}
    repeats: dict[str, str] = {}
    for load in loads:
        if load.is_replay:
            continue
        if load.sha256 in first:
            repeats[load.load_id] = first[load.sha256]
        else:
            first[load.sha256] = load.load_id
    return repeats
