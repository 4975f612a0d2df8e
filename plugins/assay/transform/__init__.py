"""dbt in process: what its models and tests are, running them, what became of them."""

from assay.transform.models import DbtTest, Model
from assay.transform.project import DbtProject, ModelResult, TestResult, preload

__all__ = ["DbtProject", "DbtTest", "Model", "ModelResult", "TestResult", "preload"]
