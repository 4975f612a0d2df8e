"""Every night: what no retained release needs is removed from the lake."""

from assay.airflow import maintenance_dag

dag = maintenance_dag(schedule="30 3 * * *")
