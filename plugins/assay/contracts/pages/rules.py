"""A contract's rules in plain words, and what becomes of what breaks one."""

from __future__ import annotations

import json
from collections.abc import Mapping

from assay.contracts.pages.markdown import Block, blocks, code, code_block, heading, plain, table
from assay.domain import (
    Contract,
    DeliveryMode,
    Layer,
    Relationship,
    RowRule,
    Severity,
    TableRule,
)

_HEADER = ("rule", "what it asks", "severity", "what happens when it is broken")
_BOUNDS = {"min_value": "at least", "max_value": "at most"}
_RUN_STOPS = "the run stops; readers keep the release before"
_RUN_GOES_ON = {
    Severity.WARNING: "the run warns and goes on",
    Severity.INFO: "it is noted; the run goes on",
}


def row_rules(contract: Contract, level: int) -> Block:
    """Write the rules that each row keeps or breaks."""
    rows = [
        (
            code(rule.name),
            _asks(rule) + _dimension(rule),
            rule.severity.value,
            _row_consequence(rule, contract),
        )
        for rule in contract.row_rules
    ]
    return blocks(
        heading(level, "Rules that each row keeps"),
        *([_gold_rows()] if contract.layer is Layer.GOLD else _landed_rows(contract)),
        table(_HEADER, rows) or ["The contract states no other rule for rows."],
    )


def table_rules(contract: Contract, level: int) -> Block:
    """Write the rules that the table as a whole keeps."""
    stated = ["The table has exactly the columns above."]
    if contract.key:
        stated.append("No two rows have the same key.")
    stated += [
        f"No two rows have the same {code(column.name)}."
        for column in contract.columns
        if column.unique and contract.key != (column.name,)
    ]
    rows = [
        (
            plain(rule.name),
            _table_asks(rule) + _dimension(rule),
            rule.severity.value,
            consequence(rule.severity),
        )
        for rule in contract.table_rules
    ]
    rows += [
        (plain(each.name), _key_asks(each), each.severity.value, consequence(each.severity))
        for each in contract.relationships
    ]
    return blocks(
        heading(level, "Rules that the whole table keeps"),
        [" ".join([*stated, f"Where that does not hold, {_RUN_STOPS}."])],
        table(_HEADER, rows),
    )


def conditions(contract: Contract, level: int) -> Block:
    """Write the rules as they are run."""
    predicates = [f"-- {rule.name}\n{rule.predicate}" for rule in contract.row_rules]
    checks = {r.name: {r.expectation: dict(r.arguments)} for r in contract.table_rules}
    found: list[Block] = []
    if predicates:
        found.append(["What a row of each rule is held to:"])
        found.append(code_block("sql", "\n".join(predicates)))
    if checks:
        text = json.dumps(checks, indent=2, ensure_ascii=False, default=str)
        found.append(["What the whole table is held to, as Great Expectations checks it:"])
        found.append(code_block("json", text))
    return blocks(heading(level, "The rules as they are run"), *found) if found else []


def consequence(severity: Severity) -> str:
    """Say what a run does when a check of the whole table fails."""
    return _RUN_GOES_ON.get(severity, _RUN_STOPS)


def _gold_rows() -> Block:
    return [
        f"Where a value that must be there is absent, {_RUN_STOPS}. A rule that cannot be told"
        " for want of a value is kept."
    ]


def _landed_rows(contract: Contract) -> list[Block]:
    mended = (
        "look at it; the next snapshot brings it again, mended"
        if contract.mode is DeliveryMode.SNAPSHOT
        else "look at it, mend it and send it again"
    )
    share = contract.max_quarantined_share
    stops = (
        f"A load that loses more than {100 * share:.4g} % of its rows to quarantine stops the run."
        if share < 1
        else "However many rows of a load go there, the run goes on with the others."
    )
    return [
        [
            "A row that breaks a critical rule goes to quarantine, with the names of all the rules"
            f" that it broke; the rows beside it go on. There a person can {mended}. {stops}"
        ],
        [
            "A text that cannot be read as its column's type breaks the rule `<column>_type`; a"
            " value that must be there and is absent breaks `<column>_required`. A rule"
            " that cannot be told for want of a value is kept."
        ],
        _key_conflicts(contract),
    ]


def _key_conflicts(contract: Contract) -> Block:
    if not contract.key or contract.mode is DeliveryMode.UPSERT:
        return []
    return [
        "A row with the key of another and other values breaks the rule `key_conflict`; one that"
        " says the same again is left out."
    ]


def _asks(rule: RowRule) -> str:
    return plain(rule.description) if rule.description else f"it holds: {code(rule.predicate)}"


def _dimension(rule: RowRule | TableRule) -> str:
    return f" ({plain(rule.dimension)})" if rule.dimension else ""


def _row_consequence(rule: RowRule, contract: Contract) -> str:
    if contract.layer is Layer.GOLD:
        return consequence(rule.severity)
    if rule.severity is Severity.CRITICAL:
        return "the row goes to quarantine"
    return f"the row stays; {_RUN_GOES_ON[rule.severity]}"


def _table_asks(rule: TableRule) -> str:
    if rule.description:
        return plain(rule.description)
    query = rule.arguments.get("unexpected_rows_query")
    if isinstance(query, str):
        return f"this finds no row: {code(_unescape(query))}"
    return _expectation(rule.expectation, rule.arguments)


def _key_asks(relationship: Relationship) -> str:
    columns, others = (
        ", ".join(map(code, names)) for names in (relationship.columns, relationship.other_columns)
    )
    asked = f"{columns} stands in {code(str(relationship.table))}, in {others}"
    said = relationship.description
    return f"{plain(said)}: {asked}" if said else asked


def _expectation(kind: str, arguments: Mapping[str, object]) -> str:
    given = {name: value for name, value in arguments.items() if value is not None}
    if kind == "expect_table_row_count_to_be_between" and given.keys() <= _BOUNDS.keys():
        bounds = [f"{_BOUNDS[name]} {value}" for name, value in given.items()]
        return plain(f"the table has {' and '.join(bounds)} rows")
    said = plain(kind.removeprefix("expect_").replace("_", " "))
    listed = ", ".join(code(f"{name}: {value}") for name, value in given.items())
    return f"{said} ({listed})" if listed else said


def _unescape(query: str) -> str:
    """Write a suite's query as it is run."""
    return query.replace("{batch}", "the table").replace("{{", "{").replace("}}", "}")
