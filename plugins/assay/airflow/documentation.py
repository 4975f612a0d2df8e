"""A product's docs page in Airflow's UI, written from its contracts."""

from __future__ import annotations

from collections.abc import Sequence

from assay.contracts import describe_contract
from assay.domain import Contract, Layer


def describe_product(product: str, contracts: Sequence[Contract]) -> str:
    """Write the Markdown of a product's DAG: what is delivered, what is published, what to do."""
    landed = [contract for contract in contracts if contract.layer is not Layer.GOLD]
    published = [contract for contract in contracts if contract.layer is Layer.GOLD]
    return "\n".join(
        [
            f"# {product}",
            "",
            "land → bronze → audit → silver → audit → gold → audit → gate → publish."
            " Readers see nothing before `publish`; a failed run changes nothing for them. The last"
            " task, `deliveries`, fails where all that could be published is, but deliveries were"
            " refused.",
            "",
            "## Delivered",
            "",
            "| table | mode | key | owner | what it is |",
            "|---|---|---|---|---|",
            *(
                f"| {c.table} | {c.mode.value if c.mode else ''} | {', '.join(c.key) or '–'}"
                f" | {c.owner} | {_cell(c.description)} |"
                for c in landed
            ),
            "",
            "## Published",
            "",
            "| table | version | one row is | what it is |",
            "|---|---|---|---|",
            *(
                f"| gold.{c.table} | {c.version} | {_cell(c.grain)} | {_cell(c.description)} |"
                for c in published
            ),
            "",
            "## When it fails",
            "",
            "The failed task's log names the table, the rule and the rows;"
            f" `assay status {product}` and `assay explain latest` say it in plain words.",
            "",
            "## The contracts",
            *(line for each in contracts for line in ("", *describe_contract(each, 3))),
        ]
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
