"""Flights out of New York: every CSV delivery of flights, weather and reference tables."""

from assay.airflow import product_dag

dag = product_dag("flights")
