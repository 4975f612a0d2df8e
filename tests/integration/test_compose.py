"""docker-compose.yml: valid by the specification, and wired to what the repository holds.

No Docker runs here. The schema is the Compose Specification's own (deploy/compose/README.md); the
rest of the file's meaning is checked by reading it as Compose does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
FILE = PROJECT / "docker-compose.yml"
MAKE_ENV = PROJECT / "deploy" / "compose" / "make_env.py"
IMAGE_ROOT = "/opt/assay"
# Variables that `make env` does not write, each with the default that the file gives on purpose.
DEFAULTED = {
    "AIRFLOW_PORT": "8080",
    "ASSAY_BASE_IMAGE": "python:3.11-slim-bookworm",
    "ASSAY_ENVIRONMENT": "local",
    "ASSAY_KEEP_CANDIDATES_DAYS": "7",
    "ASSAY_KEEP_RELEASES": "30",
    "ASSAY_LINEAGE_URL": "",
    "ASSAY_LOCK_WAIT_SECONDS": "10",
    "ASSAY_MEMORY_LIMIT": "",
    "ASSAY_THREADS": "",
    "ASSAY_WEBHOOK_URL": "",
    "MARQUEZ_WEB_PORT": "3000",
}
ONE_SHOT = {"assay", "migrate"}
LINEAGE = {"marquez", "marquez-database", "marquez-web"}
AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer"}
OTHERS = {"airflow-database", "opa", "vault", "vault-setup"}
Service = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = compose["services"]
    return found


def make_env(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(MAKE_ENV), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)


def read_env(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_the_file_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((PROJECT / "deploy/compose/compose-spec.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    errors = jsonschema.Draft7Validator(schema).iter_errors(compose)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_schema_refuses_what_compose_would_refuse(compose: dict[str, Any]) -> None:
    schema = json.loads((PROJECT / "deploy/compose/compose-spec.json").read_text())
    broken = {**compose, "services": {"x": {"image": "a:1", "helthcheck": {}}}}
    assert list(jsonschema.Draft7Validator(schema).iter_errors(broken))


def test_docker_compose_accepts_it(tmp_path: Path) -> None:
    has_plugin = (
        shutil.which("docker")
        and not subprocess.run(
            ["docker", "compose", "version"], capture_output=True, check=False, timeout=30
        ).returncode
    )
    if not has_plugin:
        pytest.skip("docker has no compose plugin here; the schema and the wiring are tested")
    make_env(tmp_path / ".env")
    profiles = ["--profile", "lineage", "--profile", "tools"]
    command = ["docker", "compose", "--file", str(FILE), "--env-file", str(tmp_path / ".env")]
    done = subprocess.run(
        [*command, *profiles, "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_services_are_these(services: dict[str, Service]) -> None:
    assert set(services) == ONE_SHOT | LINEAGE | AIRFLOW | OTHERS
    by_profile = {name: service.get("profiles", []) for name, service in services.items()}
    assert {name for name, profiles in by_profile.items() if profiles == ["lineage"]} == LINEAGE
    assert {name for name, profiles in by_profile.items() if profiles == ["tools"]} == {"assay"}


def test_every_variable_is_generated_or_defaulted_on_purpose(tmp_path: Path) -> None:
    make_env(tmp_path / ".env")
    generated = set(read_env(tmp_path / ".env"))
    text = re.sub(r"(?m)^\s*#.*$", "", FILE.read_text(encoding="utf-8"))
    used = re.findall(r"(?<!\$)\$\{?([A-Z_]+)(:[?-])?([^}]*)\}?", text)
    required = {name for name, mark, _ in used if mark == ":?"}
    defaulted = {name: default for name, mark, default in used if mark == ":-"}
    assert [name for name, mark, _ in used if not mark] == []
    assert required == generated
    assert defaulted == DEFAULTED


def test_opa_is_the_one_that_the_tests_compare_with(services: dict[str, Service]) -> None:
    pinned = re.search(r'version="([0-9.]+)"', (PROJECT / ".ci/install-opa").read_text())
    assert pinned
    assert services["opa"]["image"] == f"openpolicyagent/opa:{pinned[1]}-static"


def test_no_secret_has_a_value_in_the_file(services: dict[str, Service]) -> None:
    secret = re.compile(r"PASSWORD|TOKEN|SECRET(?!_ID_FILE)|FERNET|ROLE_ID")
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?run make env\}", str(value)), (name, variable)
    assert re.findall(r"://[^:/\s]+:(?!\$\{)[^@\s]+@", FILE.read_text(encoding="utf-8")) == []


def test_make_env_is_random_private_and_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    make_env(file)
    first = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(len(value) >= 32 for value in read_env(file).values())
    assert "nothing written" in make_env(file).stdout
    assert file.read_text() == first
    make_env(tmp_path / "other")
    pairs = zip(read_env(file).values(), read_env(tmp_path / "other").values(), strict=True)
    assert all(one != two for one, two in pairs)


def test_make_env_adds_what_an_older_file_lacks(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("AIRFLOW_PORT=9090\nVAULT_ROOT_TOKEN=mine")
    make_env(file)
    values = read_env(file)
    assert (values["AIRFLOW_PORT"], values["VAULT_ROOT_TOKEN"]) == ("9090", "mine")
    assert len(values) == 10
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def mounts(service: Service) -> list[list[str]]:
    return [volume.split(":") for volume in service.get("volumes", [])]


def test_every_mounted_path_exists_and_every_volume_is_declared(
    compose: dict[str, Any], services: dict[str, Service]
) -> None:
    named = set()
    for name, service in services.items():
        for source, *_ in mounts(service):
            if source.startswith("."):
                assert (PROJECT / source).exists(), (name, source)
            else:
                named.add(source)
    assert named == set(compose["volumes"])


def test_mounts_from_the_repository_are_read_only(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for mount in mounts(service):
            if mount[0].startswith("."):
                assert mount[-1] == "ro", (name, mount)


def test_volumes_are_mounted_on_folders_that_the_image_gives_to_its_user(
    services: dict[str, Service],
) -> None:
    dockerfile = (PROJECT / "deploy/airflow/Dockerfile").read_text()
    owned = re.search(r"chown -R 50000:0 ([^\\\n]+)", dockerfile)
    assert owned
    folders = {str(Path(IMAGE_ROOT, folder)) for folder in owned.group(1).split()}
    for name in AIRFLOW | ONE_SHOT | {"vault-setup"}:
        for source, target, *_ in mounts(services[name]):
            assert source.startswith(".") or target in folders, (name, target)


def test_every_dependency_exists_with_a_condition_that_it_can_meet(
    services: dict[str, Service],
) -> None:
    for name, service in services.items():
        for other, wanted in service.get("depends_on", {}).items():
            condition = wanted["condition"]
            if other in ONE_SHOT:
                assert condition == "service_completed_successfully", (name, other)
                assert services[other]["restart"] == "no"
            else:
                assert condition == "service_healthy", (name, other)
                assert "healthcheck" in services[other], (name, other)
            profiles = services[other].get("profiles", [])
            assert not profiles or profiles == service.get("profiles"), (name, other)


def test_every_long_running_service_has_a_health_check(services: dict[str, Service]) -> None:
    for name in set(services) - ONE_SHOT:
        check = services[name]["healthcheck"]
        assert check["test"][0] == "CMD", name
        assert {"interval", "timeout", "retries", "start_period"} <= set(check), name
        assert services[name]["restart"] == "unless-stopped", name


def test_every_script_that_a_container_starts_is_in_the_repository(
    services: dict[str, Service],
) -> None:
    dockerfile = (PROJECT / "deploy/airflow/Dockerfile").read_text()
    started = re.findall(rf"{IMAGE_ROOT}/(deploy/[\w./-]+)", FILE.read_text() + dockerfile)
    assert set(started) == {
        "deploy/airflow/entrypoint.sh",
        "deploy/airflow/health.py",
        "deploy/vault/initialise.py",
    }
    for script in [*started, "deploy/setup.sh"]:
        assert (PROJECT / script).is_file(), script
        if script.endswith(".sh"):
            assert os.access(PROJECT / script, os.X_OK), script
    components = {service["command"][0] for name, service in services.items() if name in AIRFLOW}
    assert components == AIRFLOW
    entrypoint = (PROJECT / "deploy/airflow/entrypoint.sh").read_text()
    for component in [*AIRFLOW, "migrate", "with"]:
        assert re.search(rf"(?m)^  [\w |-]*\b{component}\b[\w |-]*\)$", entrypoint), component


def test_ports_are_unique_and_on_this_machine_only(services: dict[str, Service]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == [
        "127.0.0.1:${AIRFLOW_PORT:-8080}:8080",
        "127.0.0.1:${MARQUEZ_WEB_PORT:-3000}:3000",
    ]


def test_images_are_pinned_and_run_as_somebody_else_than_root(
    services: dict[str, Service],
) -> None:
    for name, service in services.items():
        assert re.search(r":\d+\.\d+[\w.-]*$", service["image"]), (name, service["image"])
        assert service["user"].split(":")[0] not in ("", "0", "root"), name
        assert not service.get("privileged"), name
    dockerfile = (PROJECT / "deploy/airflow/Dockerfile").read_text()
    assert re.findall(r"(?m)^USER (.+)$", dockerfile)[-1] == "50000:0"


def test_the_image_is_built_from_the_lock_and_copies_what_exists() -> None:
    dockerfile = (PROJECT / "deploy/airflow/Dockerfile").read_text()
    assert "ARG BASE_IMAGE=" in dockerfile
    assert "FROM ${BASE_IMAGE}" in dockerfile
    for line in re.findall(r"(?m)^COPY (.+)$", dockerfile):
        for source in line.split()[:-1]:
            assert (PROJECT / source).exists(), source
    ignored = (PROJECT / ".dockerignore").read_text().split()
    for secret in (".env", ".venv", ".git", "airflow-home", ".assay", "lake"):
        assert secret in ignored
    for needed in ("plugins", "deploy", "requirements.lock", "README.md", "LICENSE"):
        assert needed not in ignored


def test_addresses_inside_name_services(services: dict[str, Service]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            for host in re.findall(r"(?:://|@)([a-z][a-z0-9.-]*)[:/]", str(value)):
                assert host in {*services, "localhost", "airflow"}, (name, variable, host)


def test_what_needs_vault_waits_until_it_is_set_up(services: dict[str, Service]) -> None:
    keeper = services["vault-setup"]
    assert keeper["command"] == ["keep"]
    assert keeper["healthcheck"]["test"][-1] == "check"
    waiting = {name for name, s in services.items() if "vault-setup" in s.get("depends_on", {})}
    assert waiting == {*AIRFLOW, "assay", "migrate"}
