"""The types that every package speaks. Frozen, free of I/O, the standard library only."""

from assay.domain.bindings import (
    BoundEntity,
    BoundLoad,
    BoundTable,
    LakeBinding,
)
from assay.domain.contracts import (
    Column,
    Contract,
    DeliveryMode,
    RowRule,
    Server,
    TableRule,
)
from assay.domain.runs import (
    Candidate,
    CheckResult,
    CheckStatus,
    Decision,
    GateRecord,
    Load,
    LoadBalance,
    LoadHold,
    LoadStatus,
    Release,
    Run,
    Severity,
    Stage,
    StageEvent,
    StageState,
)
from assay.domain.tables import (
    Layer,
    TableRef,
    TableVersion,
)

__all__ = [
    "BoundEntity",
    "BoundLoad",
    "BoundTable",
    "Candidate",
    "CheckResult",
    "CheckStatus",
    "Column",
    "Contract",
    "Decision",
    "DeliveryMode",
    "GateRecord",
    "LakeBinding",
    "Layer",
    "Load",
    "LoadBalance",
    "LoadHold",
    "LoadStatus",
    "Release",
    "RowRule",
    "Run",
    "Server",
    "Severity",
    "Stage",
    "StageEvent",
    "StageState",
    "TableRef",
    "TableRule",
    "TableVersion",
]
