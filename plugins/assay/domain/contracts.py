"""What a contract promises, free of the standard's syntax."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from assay.domain.runs import Severity
from assay.domain.tables import Layer, TableRef
from assay.domain.watching import Sla, Watch

# What every row of a landed table carries beside its own columns, with DuckDB's types.
LOAD_COLUMNS: Mapping[str, str] = {
    "_load_id": "varchar",
    "_source_file": "varchar",
    "_row_number": "bigint",
    "_ingested_at": "timestamp with time zone",
}


class DeliveryMode(StrEnum):
    """What a delivery means for the rows that came before it."""

    APPEND = "append"
    UPSERT = "upsert"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class Column:
    """One column: ``physical_name`` in the delivery, ``name`` in the lake.

    ``data_type`` is a DuckDB type. ``key_position`` counts from 1 within the primary key. ``id``
    is the standard's: by it other contracts may name the column. ``parts`` are an object's
    properties, or the one of which an array's items are; their physical names are keys of JSON.
    """

    name: str
    physical_name: str
    data_type: str
    logical_type: str
    description: str
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    classification: str = ""
    personal_data: bool = False
    id: str = ""
    parts: tuple[Column, ...] = ()

    @property
    def is_protected(self) -> bool:
        """Whether no record may hold a value of it."""
        return self.personal_data or bool(self.classification)


@dataclass(frozen=True)
class RowRule:
    """A rule that each row keeps or breaks. ``predicate`` is SQL over typed columns.

    It holds a row to the rule where it is true; a row breaks the rule where it is false;
    where it is NULL the row keeps it, for absence is what ``required`` speaks of.
    ``dimension`` is the standard's, such as completeness, where one is named. ``written_at`` is
    the place in the contract that says it.
    """

    name: str
    predicate: str
    severity: Severity
    description: str
    column: str = ""
    dimension: str = ""
    written_at: str = field(default="", compare=False)


@dataclass(frozen=True)
class TableRule:
    """A rule over a whole table, as a Great Expectations type and its arguments.

    ``dimension`` is the standard's, where one is named. ``figure_unit`` is what the one figure
    of a rule is counted in, perhaps nothing; None where it has no such figure. ``is_own`` says
    that the contract writes the expectation itself, so that Great Expectations has to judge it.
    ``written_at`` is the place in the contract that says it.
    """

    name: str
    expectation: str
    arguments: Mapping[str, object]
    severity: Severity
    description: str
    dimension: str = ""
    figure_unit: str | None = None
    is_own: bool = field(default=False, compare=False)
    written_at: str = field(default="", compare=False)


@dataclass(frozen=True)
class Reference:
    """A foreign key as one contract writes it, before the other contract is looked at.

    ``to`` are references to the other table's columns, in the standard's notation, in the order
    of ``columns``. ``where`` is its place in the file.
    """

    name: str
    columns: tuple[str, ...]
    to: tuple[str, ...]
    severity: Severity
    description: str
    where: str


@dataclass(frozen=True)
class Relationship:
    """A foreign key: a row has its values of ``columns`` in ``table``, in ``other_columns``.

    A row of which one of the values is NULL keeps it. ``product`` owns ``table``. Of a
    ``is_protected`` one no value may be shown.
    """

    name: str
    columns: tuple[str, ...]
    product: str
    table: TableRef
    other_columns: tuple[str, ...]
    severity: Severity
    description: str
    is_protected: bool = False


@dataclass(frozen=True)
class ServiceLevel:
    """One promise about a table as a whole, such as its latency, as the contract writes it.

    ``unit`` is the contract's own: d, h, percent and so on. ``element`` is ``table`` or
    ``table.column`` where the promise speaks of one, ``upper`` the other end of a range.
    ``judged`` is how an audit judges it; None where it is for people. ``position`` is that of
    its entry among the contract's ``slaProperties``; an entry of several columns makes several.
    """

    name: str
    value: str | float | bool | None
    unit: str = ""
    element: str = ""
    description: str = ""
    upper: str | float | bool | None = None
    judged: Sla | None = None
    position: int = 0


@dataclass(frozen=True)
class ForPeople:
    """What a contract tells its readers and nothing checks; ``rules`` are those of type text."""

    purpose: str = ""
    limitations: str = ""
    usage: str = ""
    channels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Server:
    """Where deliveries come from. ``kind`` is ``local`` (files) or ``postgres``.

    ``path`` is a glob pattern for files. ``relation`` is ``schema.table`` for a database.
    ``secret`` names the entry of the secret store that holds user and password.
    """

    name: str
    environment: str
    kind: str
    path: str = ""
    delimiter: str = ","
    host: str = ""
    port: int = 0
    database: str = ""
    relation: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Contract:
    """One table's contract. ``layer`` is silver for a landed entity, gold for a published one.

    Delivery fields mean something for landed entities only. ``null_texts`` are the texts that
    stand for NULL. ``max_quarantined_share`` (0 to 1) is the most a load may lose to quarantine.
    ``end_of_support`` is the last day on which the table is served. ``migration_notes`` say by
    version what users of the version before have to do. ``references`` are foreign keys as they
    are written; ``relationships`` say the same once all contracts are read together.
    ``schema_id`` is the standard's, by which other contracts may name the table.
    """

    product: str
    table: str
    layer: Layer
    version: str
    owner: str
    description: str
    columns: tuple[Column, ...]
    path: str
    row_rules: tuple[RowRule, ...] = ()
    table_rules: tuple[TableRule, ...] = ()
    mode: DeliveryMode | None = None
    ordering_column: str = ""
    source: str = ""
    null_texts: tuple[str, ...] = ("",)
    is_final_line_break_optional: bool = False
    max_quarantined_share: float = 1.0
    servers: tuple[Server, ...] = ()
    tags: tuple[str, ...] = ()
    grain: str = ""
    status: str = ""
    service_levels: tuple[ServiceLevel, ...] = ()
    end_of_support: date | None = None
    watch: Watch | None = None
    migration_notes: Mapping[str, str] = field(default_factory=dict, hash=False)
    references: tuple[Reference, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    schema_id: str = ""
    for_people: ForPeople = ForPeople()

    @property
    def slas(self) -> tuple[Sla, ...]:
        """How audits judge those service levels that they can judge."""
        return tuple(each.judged for each in self.service_levels if each.judged)

    @property
    def is_deprecated(self) -> bool:
        return self.status.lower() == "deprecated"

    @property
    def absent_text(self) -> str:
        """The text that is delivered for a value that is not there."""
        return self.null_texts[0] if self.null_texts else ""

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns, in order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))

    @property
    def main_table(self) -> TableRef:
        """The table whose columns it lists: of a landed entity the silver one."""
        return TableRef(Layer.GOLD, self.table) if self.layer is Layer.GOLD else self.silver

    @property
    def silver(self) -> TableRef:
        return TableRef(Layer.SILVER, f"{self.product}__{self.table}")

    @property
    def quarantine(self) -> TableRef:
        return TableRef(Layer.QUARANTINE, f"{self.product}__{self.table}")

    @property
    def bronze(self) -> TableRef:
        return TableRef(Layer.BRONZE, f"bronze_{self.source}__{self.table}")
