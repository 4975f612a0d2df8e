"""dbt in process: what its models are, running them, what became of them."""

from assay.transform.models import Model
from assay.transform.project import DbtProject, ModelResult, preload

__all__ = ["DbtProject", "Model", "ModelResult", "preload"]
