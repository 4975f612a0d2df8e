"""What a parse of a dbt project depends on, as one hash."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

_SUFFIXES = (".sql", ".yml", ".yaml", ".md", ".csv", ".py", ".txt")
_NOT_READ = {"logs", ".git", "__pycache__"}
_ENV_VAR = re.compile(rb"env_var\(\s*['\"]([^'\"]+)")


def sign_project(folder: Path, target: Path, environment: Mapping[str, str]) -> str:
    """Hash a project's files, the variables that choose its target or that they read, and dbt.

    By content: a file that was touched or checked out again does not count as changed.
    """
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    names = {"DBT_PROFILE", "DBT_TARGET"}
    for path in sorted(_files(folder, target)):
        content = path.read_bytes()
        names |= {found.decode(errors="replace") for found in _ENV_VAR.findall(content)}
        digest.update(f"\0{path.relative_to(folder)}\0{len(content)}\0".encode())
        digest.update(content)
    for name in sorted(names):
        digest.update(f"\0{name}={environment.get(name)}".encode())
    return digest.hexdigest()


def _files(folder: Path, target: Path) -> Iterator[Path]:
    for place, below, names in os.walk(folder):
        below[:] = [n for n in below if n not in _NOT_READ and Path(place) / n != target]
        yield from (Path(place) / name for name in names if name.endswith(_SUFFIXES))
