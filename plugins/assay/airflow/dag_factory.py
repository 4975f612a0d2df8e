"""Makes a product's DAG. A DAG file is one call of :func:`product_dag`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from airflow.sdk import DAG, Asset, Param

from assay.airflow.documentation import describe_product
from assay.airflow.failure import notify_of_failure
from assay.airflow.stage_operator import StageOperator
from assay.config import read_settings
from assay.contracts import read_contracts
from assay.domain import Contract, Stage

_RETRIES = 2
_RETRY_DELAY = timedelta(seconds=20)


def release_asset(product: str) -> Asset:
    """The asset that a product's DAG updates when it publishes; other DAGs schedule on it."""
    return Asset(name=f"release_of_{product}", uri=f"assay://release/{product}")


def product_dag(
    product: str,
    *,
    schedule: str | timedelta | list[Asset] | None = None,
    retries: int = _RETRIES,
) -> DAG:
    """Make the DAG that takes a product from its sources to a release.

    Owner, tags and the docs page come from the product's contracts. The DAG runs when it is
    triggered, unless a schedule is given: a cron text, an interval, or assets such as
    ``[release_asset("flights")]``.

    Raises:
        ContractError: the product has no contract, or one cannot be read. Airflow shows it as
            an import error of the DAG file.
    """
    contracts = read_contracts(read_settings().contracts_path, product)
    dag = DAG(
        dag_id=product,
        schedule=schedule,
        catchup=False,
        max_active_runs=1,
        tags=_tags(product, contracts),
        doc_md=describe_product(product, contracts),
        params={
            "full_refresh": Param(
                False, type="boolean", description="Derive every table again, from all loads."
            ),
            "select": Param(
                "",
                # Airflow's form asks for a value of a text that may not be null.
                type=["null", "string"],
                description="A dbt selection: derive only these models again; no new loads.",
            ),
        },
        default_args={
            "owner": _owner(contracts),
            "retries": retries,
            "retry_delay": _RETRY_DELAY,
            "on_failure_callback": notify_of_failure,
        },
        render_template_as_native_obj=True,
    )
    with dag:
        tasks = [
            StageOperator(
                task_id=stage.value,
                product=product,
                stage=stage,
                outlets=[release_asset(product)] if stage is Stage.PUBLISH else [],
            )
            for stage in Stage
        ]
        for upstream, downstream in pairwise(tasks):
            upstream >> downstream
    return dag


def _owner(contracts: Sequence[Contract]) -> str:
    owners = sorted({contract.owner for contract in contracts if contract.owner})
    return ", ".join(owners) or "unknown"


def _tags(product: str, contracts: Sequence[Contract]) -> list[str]:
    return sorted({"assay", product, *(tag for contract in contracts for tag in contract.tags)})
