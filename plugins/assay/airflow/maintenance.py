"""Makes the DAG that keeps the lake small."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowException

from assay.airflow.failure import notify_of_failure

_RETRIES = 3
_RETRY_DELAY = timedelta(minutes=10)


class MaintenanceOperator(BaseOperator):  # type: ignore[misc]  # Airflow is not followed by mypy
    """Does what `assay maintain` does. A product that is being written is tried again later."""

    ui_color = "#e8f1f2"

    def execute(self, context: object) -> dict[str, object]:
        """Clean every product's tables; the returned figures are the task's XCom."""
        from assay.config import read_settings
        from assay.errors import AssayError
        from assay.pipeline import open_project
        from assay.pipeline.maintain import maintain

        project = open_project(read_settings())
        try:
            done = maintain(
                project,
                keep_releases=project.settings.count("keep_releases"),
                keep_days=project.settings.count("keep_candidates_days"),
            )
        except AssayError as error:
            raise AirflowException(str(error)) from error
        return {
            "removed_bytes": done.size_bytes,
            "retired": [f"{release.product} {release.number}" for release in done.retired],
            "left_alone": [each.table for each in done.tables if each.problem],
        }


def maintenance_dag(*, schedule: str | timedelta | None) -> DAG:
    """Make the DAG that removes what no retained release, live run or kept candidate needs."""
    dag = DAG(
        dag_id="maintenance",
        schedule=schedule,
        catchup=False,
        max_active_runs=1,
        tags=["assay"],
        doc_md=__doc__,
        default_args={
            "owner": "platform",
            "retries": _RETRIES,
            "retry_delay": _RETRY_DELAY,
            "on_failure_callback": notify_of_failure,
        },
    )
    with dag:
        MaintenanceOperator(task_id="maintain")
    return dag
