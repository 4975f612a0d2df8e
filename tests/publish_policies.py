"""The policies of the ``publish`` domain, by name, each with its decision table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

POLICIES = Path(__file__).parents[1] / "policies"
RULES = (
    "audits_passed",
    "contract_present",
    "owner_named",
    "personal_data_declared",
    "still_served",
)
CASES: dict[str, list[dict[str, Any]]] = {
    rule: json.loads((POLICIES / "publish" / rule / "decisions.json").read_text("utf-8"))
    for rule in RULES
}
