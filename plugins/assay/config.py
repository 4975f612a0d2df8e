"""Settings: the only reader of environment variables. Read when called, never on import.

Entry points call :func:`read_settings` once and pass typed values down.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from pathlib import Path

from assay.errors import SettingsError

# In the path of a Delta table: no part of a URL, an escape, or a pattern.
_TAKEN_OTHERWISE = frozenset("[]^|\\%*?\n")


def _setting(variable: str, default: str, meaning: str) -> str:
    """Declare one setting: its environment variable, its default as text, what it means."""
    return dataclass_field(  # type: ignore[no-any-return]
        metadata={"variable": variable, "default": default, "meaning": meaning}
    )


@dataclass(frozen=True)
class Settings:
    """Every setting, as text or path. ``docs/reference/settings.md`` is generated from here."""

    project_root: Path
    lake: str = _setting("ASSAY_LAKE", "lake", "Folder of the lake, from the project's root.")
    developer_lake: str = _setting(
        "ASSAY_DEVELOPER_LAKE",
        "lake-dev",
        "Folder that a plain `dbt build` writes to; what it lacks is read from the release.",
    )
    deliveries: str = _setting(
        "ASSAY_DELIVERIES",
        "deliveries",
        "Folder that relative paths in a contract's `servers` start from.",
    )
    environment: str = _setting(
        "ASSAY_ENVIRONMENT",
        "local",
        "Which of a contract's `servers` delivers: the one with this `environment`.",
    )
    lineage_url: str = _setting(
        "ASSAY_LINEAGE_URL",
        "",
        "OpenLineage HTTP endpoint (Marquez) that gets every event as well; empty: file only.",
    )
    lineage_namespace: str = _setting(
        "ASSAY_LINEAGE_NAMESPACE", "assay", "OpenLineage namespace of jobs and datasets."
    )
    opa_url: str = _setting(
        "OPA_URL", "", "Address of an OPA server; empty: the embedded engine decides."
    )
    policy_timeout_seconds: str = _setting(
        "ASSAY_POLICY_TIMEOUT_SECONDS", "20", "How long the policy engine may take to answer."
    )
    vault_addr: str = _setting(
        "VAULT_ADDR", "", "Address of Vault; empty: secrets come from the local file."
    )
    vault_role_id: str = _setting("VAULT_ROLE_ID", "", "AppRole role id for Vault.")
    vault_secret_id_file: str = _setting(
        "VAULT_SECRET_ID_FILE", "", "File that holds the AppRole secret id."
    )
    vault_mount: str = _setting("VAULT_MOUNT", "secret", "Mount point of the KV v2 engine.")
    vault_path: str = _setting(
        "VAULT_PATH", "assay", "Path under the mount that Assay's secrets start with."
    )
    secrets_file: str = _setting(
        "ASSAY_SECRETS_FILE",
        ".assay/secrets.json",
        "Local secrets file (mode 0600), used while VAULT_ADDR is empty.",
    )
    webhook_url: str = _setting(
        "ASSAY_WEBHOOK_URL",
        "",
        "Address that gets one JSON notification for a failed or incomplete run.",
    )
    memory_limit: str = _setting(
        "ASSAY_MEMORY_LIMIT", "", "DuckDB's memory limit, such as 4GB; empty: DuckDB's default."
    )
    threads: str = _setting("ASSAY_THREADS", "", "DuckDB's threads; empty: one a core.")
    lock_wait_seconds: str = _setting(
        "ASSAY_LOCK_WAIT_SECONDS",
        "10",
        "How long a writer waits for another process that is writing the same product.",
    )
    keep_releases: str = _setting(
        "ASSAY_KEEP_RELEASES",
        "30",
        "How many of each product's newest releases `assay maintain` keeps readable.",
    )
    keep_candidates_days: str = _setting(
        "ASSAY_KEEP_CANDIDATES_DAYS",
        "7",
        "How long `assay maintain` keeps what runs wrote and nobody released, in days.",
    )
    data_docs_runs: str = _setting(
        "ASSAY_DATA_DOCS_RUNS",
        "20",
        "How many of each product's newest runs `make docs-data` renders; older pages go.",
    )
    binding_file: str = _setting(
        "ASSAY_BINDING_FILE", "", "Set by a run for the dbt that it starts; not for people."
    )

    def path(self, value: str) -> Path:
        """Resolve a path setting against the project's root."""
        return (self.project_root / Path(value).expanduser()).resolve()

    @property
    def lake_path(self) -> Path:
        return self.path(self.lake)

    @property
    def developer_lake_path(self) -> Path:
        return self.path(self.developer_lake)

    @property
    def deliveries_path(self) -> Path:
        return self.path(self.deliveries)

    @property
    def contracts_path(self) -> Path:
        return self.project_root / "contracts"

    @property
    def dbt_project_path(self) -> Path:
        return self.project_root / "dbt_project"

    @property
    def expectations_path(self) -> Path:
        return self.project_root / "expectations"

    @property
    def policies_path(self) -> Path:
        return self.project_root / "policies"

    def seconds(self, name: str) -> float:
        """Read a setting that counts seconds.

        Raises:
            SettingsError: it is not a number above zero.
        """
        text = str(getattr(self, name))
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 < value < math.inf:
            variable = _variable(name)
            raise SettingsError(
                f"{variable} is '{text}': expected a number of seconds above zero",
                todo=f"set {variable} to a number such as 10, or unset it",
            )
        return value

    def count(self, name: str) -> int:
        """Read a setting that counts something.

        Raises:
            SettingsError: it is not a whole number above zero.
        """
        text = str(getattr(self, name))
        if not text.isdecimal() or int(text) == 0:
            variable = _variable(name)
            raise SettingsError(
                f"{variable} is '{text}': expected a whole number above zero",
                todo=f"set {variable} to a number such as 10, or unset it",
            )
        return int(text)


def _variable(name: str) -> str:
    return next(str(f.metadata["variable"]) for f in fields(Settings) if f.name == name)


def setting_rows() -> list[tuple[str, str, str]]:
    """List every setting as (variable, default, meaning), in order of declaration."""
    return [
        (f.metadata["variable"], f.metadata["default"], f.metadata["meaning"])
        for f in fields(Settings)
        if f.metadata
    ]


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings as they stand now.

    The project's root is ``ASSAY_PROJECT``, or the nearest folder at or above the working
    directory that holds both ``contracts`` and ``dbt_project``, or the one that this package
    was installed from.

    Raises:
        SettingsError: no project is found, ASSAY_PROJECT is not one, or a lake's path cannot be
            used.
    """
    values = os.environ if environ is None else environ
    texts = {
        f.name: values.get(f.metadata["variable"], "") or f.metadata["default"]
        for f in fields(Settings)
        if f.metadata
    }
    settings = Settings(project_root=_find_project(values), **texts)
    for name, path in (
        ("lake", settings.lake_path),
        ("developer_lake", settings.developer_lake_path),
    ):
        _require_usable(_variable(name), path)
    return settings


def _require_usable(variable: str, lake: Path) -> None:
    found = sorted(_TAKEN_OTHERWISE & set(str(lake)))
    if found:
        raise SettingsError(
            f"the path of a lake holds {' '.join(map(repr, found))}: the libraries that read and"
            " write its tables take that for something else",
            where=str(lake),
            todo=f"rename the folder, or set {variable} to one elsewhere",
        )


def _is_project(folder: Path) -> bool:
    return (folder / "contracts").is_dir() and (folder / "dbt_project").is_dir()


def _find_project(values: Mapping[str, str]) -> Path:
    named = values.get("ASSAY_PROJECT", "")
    if named:
        folder = Path(named).expanduser().resolve()
        if not _is_project(folder):
            raise SettingsError(
                f"ASSAY_PROJECT is '{named}', which holds no contracts/ and dbt_project/",
                todo="set ASSAY_PROJECT to the root of an Assay project, or unset it",
            )
        return folder
    here = Path.cwd()
    installed = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, installed):
        if _is_project(folder):
            return folder
    raise SettingsError(
        f"no Assay project at or above {here}: expected a folder with contracts/ and dbt_project/",
        todo="change into the project's folder, or set ASSAY_PROJECT to it",
    )
