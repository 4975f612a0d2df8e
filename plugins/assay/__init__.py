"""Assay: a DataOps platform on Apache Airflow 3. Start reading at :mod:`assay.pipeline`."""

__version__ = "0.1.0"
