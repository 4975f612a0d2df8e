"""A contract's texts are data in compiled SQL: never a template, never more than their rule."""

from __future__ import annotations

from dataclasses import replace

import duckdb
from compiled_entity import CompiledEntity, Delivery, make_contract

from assay.domain import DeliveryMode, RowRule, Severity

CURLY = "{{ 1 / 0 }} {% x %} {# y #} {{{"


def test_rules_with_curly_brackets_judge_rows_by_them() -> None:
    contract = make_contract({"id": "bigint", "text": "varchar"}, DeliveryMode.APPEND)
    rules = (
        RowRule("exact", f"text = '{CURLY}'", Severity.CRITICAL, ""),
        RowRule("pattern", "regexp_full_match(text, '.*\\{{3}')", Severity.CRITICAL, ""),
    )
    odd = replace(contract, row_rules=rules, null_texts=("{{ none }}",))
    with duckdb.connect() as connection:
        entity = CompiledEntity(connection, odd)
        entity.run([Delivery("l1", [("1", CURLY), ("2", "{{ none }}"), ("3", "{{{"), ("4", "x")])])
        assert entity.silver() == [(1, CURLY), (2, None)]
        assert entity.quarantine() == [
            ("l1", 3, ["exact"]),
            ("l1", 4, ["exact", "pattern"]),
        ]
