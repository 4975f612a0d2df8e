"""Models that were read before, in a file: most stages need them and nothing else of dbt."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from assay.domain import Severity
from assay.transform import models, tests
from assay.transform.models import DbtTest, Model

_log = logging.getLogger(__name__)


class KnownModels:
    """The models of one dbt project as they were at the last parse.

    ``signature`` stands for all that a parse depends on; another one makes the file worthless.
    A file that cannot be read or written costs a parse, no more.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, signature: str) -> dict[str, Model] | None:
        """Return the models that were read under a signature, or None."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            if content["signature"] != _with_reader(signature):
                return None
            return {each["name"]: _model(each) for each in content["models"]}
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, signature: str, found: Mapping[str, Model]) -> None:
        """Keep models for the next process."""
        content = {
            "signature": _with_reader(signature),
            "models": [asdict(model) for model in found.values()],
        }
        draft = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:
            _log.debug("known_models_not_kept reason=%s", error)


def _model(values: dict[str, Any]) -> Model:
    return Model(
        **values
        | {
            "depends_on": tuple(values["depends_on"]),
            "inlines": tuple(values["inlines"]),
            "landed": tuple(values["landed"]),
            "columns": tuple((name, kind, text) for name, kind, text in values["columns"]),
            "unbuilt": tuple(values["unbuilt"]),
            "tests": tuple(_test(each) for each in values["tests"]),
        }
    )


def _test(values: dict[str, Any]) -> DbtTest:
    return DbtTest(
        **values
        | {
            "severity": Severity(values["severity"]),
            "reads": tuple(values["reads"]),
            "builds": tuple(values["builds"]),
        }
    )


def _with_reader(signature: str) -> str:
    return f"{signature}-{_reader_hash()}"


@cache
def _reader_hash() -> str:
    """Another version of our own reading makes the file worthless too."""
    texts = [Path(str(module.__file__)).read_bytes() for module in (models, tests)]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]
