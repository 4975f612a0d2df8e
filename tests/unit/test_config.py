"""Settings: read when asked, from the environment, with errors that name the variable."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from assay.config import Settings, read_settings, setting_rows
from assay.errors import SettingsError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("contracts", "dbt_project"):
        (tmp_path / "shop" / name).mkdir(parents=True)
    return tmp_path / "shop"


def test_defaults(project: Path) -> None:
    settings = read_settings({"ASSAY_PROJECT": str(project)})
    assert settings.project_root == project
    assert settings.lake_path == project / "lake"
    assert settings.developer_lake_path == project / "lake-dev"
    assert settings.deliveries_path == project / "deliveries"
    assert settings.contracts_path == project / "contracts"
    assert settings.dbt_project_path == project / "dbt_project"
    assert settings.expectations_path == project / "expectations"
    assert settings.policies_path == project / "policies"
    assert (settings.opa_url, settings.vault_addr, settings.webhook_url) == ("", "", "")


def test_every_setting_is_read_from_its_variable(project: Path) -> None:
    variables = [variable for variable, _, _ in setting_rows()]
    values = {variable: f"value of {variable}" for variable in variables}
    settings = read_settings({**values, "ASSAY_PROJECT": str(project)})
    found = {
        field.metadata["variable"]: getattr(settings, field.name)
        for field in fields(Settings)
        if field.metadata
    }
    assert found == values


def test_every_setting_is_declared_once_and_says_what_it_means() -> None:
    rows = setting_rows()
    variables = [variable for variable, _, _ in rows]
    assert len(set(variables)) == len(variables) == len(fields(Settings)) - 1
    for variable, _, meaning in rows:
        assert re.fullmatch(r"(ASSAY|VAULT|OPA)_[A-Z_]+", variable)
        assert meaning.endswith(".")


def test_an_empty_variable_is_unset(project: Path) -> None:
    assert read_settings({"ASSAY_PROJECT": str(project), "ASSAY_LAKE": ""}).lake == "lake"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("data/lake", "{root}/data/lake"), ("/data/lake", "/data/lake"), ("../x", "{root}/../x")],
)
def test_paths_start_from_the_project(project: Path, value: str, expected: str) -> None:
    settings = read_settings({"ASSAY_PROJECT": str(project), "ASSAY_LAKE": value})
    assert settings.lake_path == Path(expected.format(root=project)).resolve()


def test_a_home_folder_is_expanded(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project / "home"))
    settings = read_settings({"ASSAY_PROJECT": str(project), "ASSAY_LAKE": "~/lake"})
    assert settings.lake_path == project / "home" / "lake"


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "inf", "1 s"])
def test_seconds_that_are_none_name_the_variable(project: Path, text: str) -> None:
    values = {"ASSAY_PROJECT": str(project), "ASSAY_LOCK_WAIT_SECONDS": text}
    with pytest.raises(SettingsError) as caught:
        read_settings(values).seconds("lock_wait_seconds")
    assert caught.value.what == (
        f"ASSAY_LOCK_WAIT_SECONDS is '{text}': expected a number of seconds above zero"
    )


def test_seconds(project: Path) -> None:
    values = {"ASSAY_PROJECT": str(project), "ASSAY_LOCK_WAIT_SECONDS": "0.2"}
    settings = read_settings(values)
    assert settings.seconds("lock_wait_seconds") == 0.2
    assert settings.seconds("policy_timeout_seconds") == 20.0


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "²", "x"])
def test_a_count_is_a_whole_number_above_zero(project: Path, text: str) -> None:
    settings = read_settings({"ASSAY_PROJECT": str(project), "ASSAY_KEEP_RELEASES": text})
    with pytest.raises(
        SettingsError, match=f"ASSAY_KEEP_RELEASES is '{text}': expected a whole number"
    ):
        settings.count("keep_releases")


def test_the_project_is_found_from_a_folder_inside_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "contracts")
    assert read_settings({}).project_root == project


def test_elsewhere_it_is_the_project_that_assay_was_installed_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).project_root == ROOT


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"ASSAY_PROJECT": str(tmp_path)})
    assert caught.value.what == (
        f"ASSAY_PROJECT is '{tmp_path}', which holds no contracts/ and dbt_project/"
    )


@pytest.mark.parametrize("variable", ["ASSAY_LAKE", "ASSAY_DEVELOPER_LAKE"])
def test_a_lake_that_tables_cannot_be_written_to_is_refused(project: Path, variable: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"ASSAY_PROJECT": str(project), variable: "shop[1] 100%"})
    assert refused.value.what.startswith("the path of a lake holds '%' '[' ']': ")
    assert refused.value.where == str(project / "shop[1] 100%")
    assert variable in refused.value.todo


def test_a_lake_may_have_quotes_and_spaces_in_its_path(project: Path) -> None:
    lake = """O'Brien's "lake" {no 1} #2 größer"""
    settings = read_settings({"ASSAY_PROJECT": str(project), "ASSAY_LAKE": lake})
    assert settings.lake_path == project / lake


def test_nothing_is_read_on_import_or_outside_this_module() -> None:
    reads = re.compile(r"os\.environ|getenv")
    package = ROOT / "plugins" / "assay"
    readers = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if reads.search(file.read_text("utf-8"))
    }
    # Those that hand the environment on to a process or a library that they start.
    hand_on = {"transform/project.py", "policy/embedded.py", "policy/worker.py", "airflow/demo.py"}
    assert readers - hand_on == {"config.py"}


def test_importing_does_not_need_a_project(tmp_path: Path) -> None:
    code = "import assay, assay.config, assay.cli.main, assay.pipeline"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"ASSAY_PROJECT": str(tmp_path), "ASSAY_LOCK_WAIT_SECONDS": "x"},
        check=False,
    )
    assert done.returncode == 0
