"""One landed entity's compiled models, run on a plain DuckDB: the SQL of a run without the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

import duckdb
from macro_rendering import render

from assay.contracts import staging_model, staging_scaffold
from assay.contracts.models import compile_models
from assay.domain import Column, Contract, DeliveryMode, Layer

TextRow = tuple[str, ...]
Where = tuple[str, int]

LOAD_COLUMNS = (
    "_load_id varchar, _source_file varchar, _row_number bigint, _ingested_at timestamptz"
)

QUARANTINE_COLUMNS = (
    "_first_seen_at timestamptz, _replay_of_load_id varchar, _replay_of_row_number bigint"
)
SETTLED = "load_id varchar, row_number bigint, disposition varchar, rules_broken varchar[]"
REPLAYS = (
    "load_id varchar, row_number bigint, replay_of_load_id varchar, replay_of_row_number bigint,"
    " place_load_id varchar, place_row_number bigint, first_seen_at timestamptz"
)


class _Relation(str):
    """A relation as macros see it: its text, and its name's parts."""

    database = "memory"


@dataclass
class Delivery:
    """One load: its id sorts in order of landing; equal ``content`` means equal bytes."""

    load_id: str
    rows: Sequence[TextRow]
    duplicate_of: str | None = None


def make_contract(
    columns: Mapping[str, str], mode: DeliveryMode, key: Sequence[str] = (), ordering: str = ""
) -> Contract:
    """Make a contract of columns as (name: type)."""
    return Contract(
        product="shop",
        table="things",
        layer=Layer.SILVER,
        version="1.0.0",
        owner="a",
        description="",
        columns=tuple(
            Column(
                name=name,
                physical_name=name,
                data_type=kind,
                logical_type="",
                description="",
                required=name in key,
                key_position=key.index(name) + 1 if name in key else None,
            )
            for name, kind in columns.items()
        ),
        path="contracts/shop/things.odcs.yaml",
        mode=mode,
        ordering_column=ordering,
        source="till",
    )


class CompiledEntity:
    """Bronze, silver and quarantine of one entity; each call of :meth:`run` is one run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
        self._connection = connection
        self._contract = contract
        self._has_base = False
        self._released: list[str] = []
        for schema in ("bronze", "silver", "quarantine", "scratch", "assay"):
            connection.execute(f"create schema if not exists {schema}")
        names = [f'"{c.name}"' for c in contract.columns]
        text = ", ".join(f"{name} varchar" for name in names)
        typed = ", ".join(
            f"{name} {c.data_type}" for name, c in zip(names, contract.columns, strict=True)
        )
        connection.execute(f"create or replace table bronze.things ({text}, {LOAD_COLUMNS})")
        connection.execute(f"create or replace table silver.shop__things ({typed}, {LOAD_COLUMNS})")
        connection.execute(
            "create or replace table quarantine.shop__things"
            f" ({text}, {LOAD_COLUMNS}, _rules_broken varchar[], {QUARANTINE_COLUMNS})"
        )
        connection.execute(f"create or replace table assay.settled ({SETTLED})")
        connection.execute(f"create or replace table assay.replays ({REPLAYS})")
        connection.execute(
            "create or replace table assay.scope (load_id varchar, duplicate_of varchar)"
        )
        connection.execute("create or replace table assay.newest (entity varchar, load_id varchar)")

    def run(self, deliveries: Iterable[Delivery]) -> dict[Where, str]:
        """Bring loads to silver; return the disposition of each row that is not just accepted."""
        loads = list(deliveries)
        self._land(loads)
        self._released += [load.load_id for load in loads]
        execute = self._connection.execute
        execute("delete from assay.scope")
        for load in loads:
            execute("insert into assay.scope values (?, ?)", [load.load_id, load.duplicate_of])
        execute("delete from assay.newest")
        execute("insert into assay.newest values ('shop.things', ?)", [max(self._released)])
        for step in ("checked", "broken", "exceptions"):
            name = f"int_shop__things_{step}"
            execute(f"create or replace table scratch.{name} as {self._render(name)}")
        execute(f"create or replace temp table fresh as {self._render('shop__things')}")
        rejected = self._render("quarantine_shop__things")
        execute(f"insert into quarantine.shop__things by name {rejected}")
        self._write()
        self._has_base = True
        found = execute(
            "select _load_id, _row_number, disposition from scratch.int_shop__things_exceptions"
        ).fetchall()
        places = [place[:2] for place in found]
        assert len(places) == len(set(places)), "a row has two dispositions"
        return {(load, row): disposition for load, row, disposition in found}

    def settle(self, rows: Iterable[Where], disposition: str = "replayed") -> None:
        """Say that people settled rows, as the ledger would."""
        for load_id, row_number in rows:
            values = [load_id, row_number, disposition, ["as_told"]]
            self._connection.execute("insert into assay.settled values (?, ?, ?, ?)", values)

    def replay(self, rows: Mapping[Where, Where]) -> None:
        """Say which rows stand for which: a row of a replay, the row delivered first."""
        for row, first in rows.items():
            values = [*row, *first, *first, "2024-01-01"]
            marks = ", ".join("?" for _ in values)
            self._connection.execute(f"insert into assay.replays values ({marks})", values)

    def silver(self, columns: str = "") -> list[tuple[object, ...]]:
        names = columns or ", ".join(f'"{c.name}"' for c in self._contract.columns)
        return self._connection.execute(
            f"select {names} from silver.shop__things order by all"
        ).fetchall()

    def quarantine(self) -> list[tuple[object, ...]]:
        return self._connection.execute(
            "select _load_id, _row_number, _rules_broken from quarantine.shop__things order by all"
        ).fetchall()

    def _land(self, loads: Sequence[Delivery]) -> None:
        for load in loads:
            for number, row in enumerate(load.rows, start=1):
                values = [*row, load.load_id, "file", number, "2024-01-01"]
                marks = ", ".join("?" for _ in values)
                self._connection.execute(f"insert into bronze.things values ({marks})", values)

    def _write(self) -> None:
        execute = self._connection.execute
        if self._contract.mode is DeliveryMode.SNAPSHOT:
            execute("delete from silver.shop__things")
        elif self._contract.mode is DeliveryMode.UPSERT:
            keys = " and ".join(f'old."{k}" = new."{k}"' for k in self._contract.key)
            execute(
                "delete from silver.shop__things as old"
                f" where exists (select 1 from fresh as new where {keys})"
            )
        execute("insert into silver.shop__things by name from fresh")

    def _render(self, name: str) -> str:
        return _render_model(self._contract, name, self._has_base)


@cache
def _render_model(contract: Contract, name: str, has_base: bool) -> str:
    texts = {path.stem: text for path, text in compile_models(contract).items()}
    texts[staging_model(contract)] = staging_scaffold(contract)
    silver = _Relation("silver.shop__things")

    def refer(other: str) -> str:
        if other == contract.bronze.name:
            return "bronze.things"
        if other.endswith(("_checked", "_broken", "_exceptions")):
            return f"scratch.{other}"
        return f"({_render_model(contract, other, has_base)})"

    names = {
        "ref": refer,
        "config": lambda **_: "",
        "this": silver,
        "api": SimpleNamespace(Relation=SimpleNamespace(create=lambda **_: silver)),
        "base_relation": lambda _: silver if has_base else None,
        "in_scope": lambda *_: "_load_id in (select load_id from assay.scope)",
        "scope": lambda *_: "assay.scope",
        "has_settlements": lambda *_: True,
        "settled_rows": lambda *_: "assay.settled",
        "replayed_rows": lambda *_: "assay.replays",
        "newest_load": lambda *_: "(select load_id from assay.newest)",
    }
    return render(texts[name], names)
