"""The input of the ``publish`` policies: one release candidate, as one document.

Shape (the policies under ``policies/publish/`` read exactly this)::

    {
      "product": "flights",
      "owner": "flights-team",              the product's owner
      "run": {"run_id", "base_release", "code_revision", "code_dirty",
              "started_on"},                the day in UTC, as 2026-05-31
      "tables": [                           one entry a table of the candidate release, by name
        {
          "table": "gold.fct_flights",
          "layer": "gold",
          "version": 3,                     the Delta version that would be published
          "published": true,                whether readers are promised this table (gold)
          "columns": ["year", …],           the columns that the table really has, and the
                                            parts of objects and arrays, as target.zip
          "contract": null or {
            "product", "table", "version", "owner",
            "status",                       as the contract says: active, deprecated …
            "end_of_support",               the last day on which it is served, or ""
            "columns": [{"name", "personal_data": bool, "classification": text}]
          },
          "checks": [                       every check given for this table, at any version
            {"version", "suite", "check", "column", "severity", "status"}
          ]
        }
      ]
    }

It holds names and outcomes, never a row's values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from assay.domain import CheckResult, Column, Contract, Layer, Run, TableRef
from assay.errors import PolicyError


def publish_document(
    *,
    product: str,
    owner: str,
    run: Run,
    tables: Mapping[TableRef, int],
    contracts: Mapping[TableRef, Contract],
    checks: Sequence[CheckResult],
    columns: Mapping[TableRef, Sequence[str]],
    published: Collection[TableRef],
) -> dict[str, object]:
    """Build the document that the ``publish`` policies judge. Its shape is this module's text.

    ``tables`` is the whole candidate release, with versions. ``checks`` are the audits that
    count: a failed one denies, also where a later one of the same version passed.

    Raises:
        PolicyError: ``published`` names a table that is not in the release.
    """
    absent = sorted(str(table) for table in published if table not in tables)
    if absent:
        raise PolicyError(
            f"these tables are to be published but are not in the release: {', '.join(absent)}",
            where=f"run {run.run_id}",
            todo=f"build them, or remove their contracts from contracts/{product}/",
        )
    return {
        "product": product,
        "owner": owner,
        "run": {
            "run_id": run.run_id,
            "base_release": run.base_release,
            "code_revision": run.code_revision,
            "code_dirty": run.code_dirty,
            "started_on": run.started_at_utc.date().isoformat(),
        },
        "tables": [
            {
                "table": str(table),
                "layer": table.layer.value,
                "version": tables[table],
                "published": table in published,
                "columns": _with_parts(columns.get(table, ()), contracts.get(table)),
                "contract": _describe_contract(contracts.get(table)),
                "checks": [_describe_check(each) for each in checks if each.table == str(table)],
            }
            for table in sorted(tables)
        ],
    }


def _describe_contract(contract: Contract | None) -> dict[str, object] | None:
    if contract is None:
        return None
    table = TableRef(Layer.GOLD, contract.table)
    if contract.layer is not Layer.GOLD:
        table = contract.silver
    return {
        "product": contract.product,
        "table": str(table),
        "version": contract.version,
        "owner": contract.owner,
        "status": contract.status,
        "end_of_support": contract.end_of_support.isoformat() if contract.end_of_support else "",
        "columns": [
            {
                "name": name,
                "personal_data": column.personal_data,
                "classification": column.classification,
            }
            for column in contract.columns
            for name in (column.name, *_parts(column.name, column))
        ],
    }


def _with_parts(columns: Sequence[str], contract: Contract | None) -> list[str]:
    """Name the columns, each with what it is made of: that has the type its contract says."""
    stated = {column.name: column for column in contract.columns} if contract else {}
    parts = {name: _parts(name, stated[name]) for name in columns if name in stated}
    return [each for name in columns for each in (name, *parts.get(name, ()))]


def _parts(name: str, column: Column) -> list[str]:
    return [
        each
        for part in column.parts
        for each in (f"{name}.{part.name}", *_parts(f"{name}.{part.name}", part))
    ]


def _describe_check(check: CheckResult) -> dict[str, object]:
    return {
        "version": check.version,
        "suite": check.suite,
        "check": check.check,
        "column": check.column,
        "severity": check.severity.value,
        "status": check.status.value,
    }
