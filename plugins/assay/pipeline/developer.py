"""What a plain `dbt build` from a shell may read and write: a lake of the developer's own."""

from __future__ import annotations

from pathlib import Path

from assay.contracts import list_products
from assay.domain import BoundTable, LakeBinding, Layer, TableRef
from assay.pipeline.bindings import bind_entity, bind_table
from assay.pipeline.project import Project
from assay.pipeline.readers import released_tables
from assay.storage import current_version, table_path


def developer_binding(project: Project) -> LakeBinding:
    """Bind a developer's dbt: own tables first, else those of the current releases.

    Everything is built from nothing, from all loads of the current release; nothing is
    recorded, and the lake that readers see is never written.
    """
    lake = project.settings.developer_lake_path
    scratch = lake / "_scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    releases = project.releases.current_of_all()
    reads = {
        table: bind_table(project, table, version)
        for table, version in released_tables(project, releases).items()
    }
    own = _own_tables(lake)
    entities = []
    for product in list_products(project.settings.contracts_path):
        loads = releases[product].loads if product in releases else ()
        for contract in project.entities(product):
            chain = [contract.bronze.name, f"int_{contract.silver.name}_checked"]
            entities.append(bind_entity(project, contract, set(loads), set(), set(chain)))
    return LakeBinding(
        product="",
        run_id="",
        fence=0,
        lake=str(project.lake),
        write_root=str(lake),
        scratch=str(scratch),
        reads=tuple((reads | own).values()),
        bases=(),
        entities=tuple(entities),
        memory_limit=project.settings.memory_limit,
        threads=project.settings.threads,
        notices=_notices(reads, own),
    )


def _own_tables(lake: Path) -> dict[TableRef, BoundTable]:
    found = {}
    for layer in Layer:
        for folder in sorted((lake / "tables" / layer.value).glob("*")):
            table = TableRef(layer, folder.name)
            version = current_version(folder)
            if version is not None:
                found[table] = BoundTable(table, str(table_path(lake, table)), version)
    return found


def _notices(
    released: dict[TableRef, BoundTable], own: dict[TableRef, BoundTable]
) -> tuple[str, ...]:
    """Warn of own tables that are older than what was released since."""
    older = [
        str(table)
        for table, bound in own.items()
        if table in released and _changed_at(bound) < _changed_at(released[table])
    ]
    if not older:
        return ()
    return (
        f"your developer lake's {', '.join(sorted(older))} are older than the current release:"
        " build them again, or remove their folders to read the release",
    )


def _changed_at(bound: BoundTable) -> float:
    return (Path(bound.path) / "_delta_log" / f"{bound.version:020d}.json").stat().st_mtime
