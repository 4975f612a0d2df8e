"""Airflow's side: the DAG factory and its operator. The only package that imports Airflow.

Importing it reads no settings and loads neither dbt nor Great Expectations: DAG files and every
component of Airflow import it.
"""

from assay.airflow.dag_factory import product_dag, release_asset
from assay.airflow.maintenance import maintenance_dag

__all__ = ["maintenance_dag", "product_dag", "release_asset"]
