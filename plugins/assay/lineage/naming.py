"""Names of datasets and jobs: the one place, so that they are the same in every event.

A dataset is its namespace (a setting) and a name; a job likewise. Names never hold a path, a
version or a date: those are facets.
"""

from __future__ import annotations

from assay.domain import Stage, TableRef

LANDING = "landing"


def name_table(table: TableRef | str) -> str:
    """Name the dataset of a table in the lake: ``<layer>.<table>``.

    Raises:
        ValueError: the text is not ``<layer>.<table>``.
    """
    return str(TableRef.parse(str(table)))


def name_landed(product: str, table: str) -> str:
    """Name the dataset of what was landed for one table: ``landing.<product>.<table>``."""
    return f"{LANDING}.{product}.{table}"


def name_landing_job(product: str, table: str) -> str:
    """Name the job that lands one table's deliveries: ``<product>.landing.<table>``."""
    return f"{product}.{LANDING}.{table}"


def name_model_job(product: str, layer: str, model: str) -> str:
    """Name the job that builds one dbt model: ``<product>.<layer>.<model>``."""
    return f"{product}.{layer}.{model}"


def name_audit_job(product: str, table: TableRef | str) -> str:
    """Name the job that audits one table: ``<product>.audit.<layer>.<table>``."""
    return f"{product}.audit.{name_table(table)}"


def name_run_job(product: str) -> str:
    """Name the job that is a whole run outside Airflow: ``<product>``, as its DAG is called."""
    return product


def name_stage_job(product: str, stage: Stage | str) -> str:
    """Name the job that is one stage outside Airflow: ``<product>.<stage>``, as its task is."""
    return f"{product}.{stage}"
