"""What ``assay trigger`` makes of its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from assay.cli import trigger as module
from assay.cli.trigger import find_url, parse_conf, read_password, trigger
from assay.errors import SettingsError


@pytest.mark.parametrize(
    ("pairs", "conf"),
    [
        pytest.param((), {}, id="none"),
        pytest.param(("n=3", "on=true"), {"n": 3, "on": True}, id="JSON values"),
        pytest.param(("name=JFK", "x="), {"name": "JFK", "x": ""}, id="texts"),
        pytest.param(("a=b=c",), {"a": "b=c"}, id="an equals sign in the value"),
        pytest.param(('list=["a", 1]',), {"list": ["a", 1]}, id="a list"),
    ],
)
def test_conf_pairs(pairs: tuple[str, ...], conf: dict[str, object]) -> None:
    assert parse_conf(pairs) == conf


@pytest.mark.parametrize("pair", ["novalue", "=x", ""])
def test_conf_without_key_or_value_is_refused(pair: str) -> None:
    with pytest.raises(click.UsageError, match="expected KEY=VALUE"):
        parse_conf((pair,))


@pytest.mark.parametrize(
    ("text", "password"),
    [
        pytest.param('{"admin": "pw", "eve": "other"}', "pw", id="JSON"),
        pytest.param("plain text\n", "plain text", id="the password alone"),
        pytest.param("12345678", "12345678", id="a password of digits"),
    ],
)
def test_password_file(tmp_path: Path, text: str, password: str) -> None:
    file = tmp_path / "password"
    file.write_text(text)
    assert read_password(file, "admin") == password


@pytest.mark.parametrize("text", ["", '{"eve": "pw"}', '{"admin": ""}'])
def test_a_file_without_the_password_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "password"
    file.write_text(text)
    with pytest.raises(SettingsError, match="holds no password for user 'admin'"):
        read_password(file, "admin")


def test_a_missing_password_file_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="make up"):
        read_password(tmp_path / "none", "admin")


@pytest.mark.parametrize(
    ("note", "url"),
    [
        pytest.param('{"url": "http://localhost:8085"}', "http://localhost:8085", id="noted"),
        pytest.param('{"url": ""}', "http://localhost:8080", id="an empty note"),
        pytest.param("[1]", "http://localhost:8080", id="not a note"),
        pytest.param("{", "http://localhost:8080", id="half a note"),
    ],
)
def test_airflow_is_where_make_up_noted_it(tmp_path: Path, note: str, url: str) -> None:
    (tmp_path / "stack.json").write_text(note)
    assert find_url(tmp_path) == url


def test_airflow_is_on_the_usual_port_where_nothing_is_noted(tmp_path: Path) -> None:
    assert find_url(tmp_path) == "http://localhost:8080"


def test_options_become_params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("pw")
    calls: list[tuple[Any, ...]] = []

    def record(*arguments: Any, **options: Any) -> str:
        options.pop("echo")
        calls.append((*arguments, options))
        return "success"

    monkeypatch.setattr(module, "trigger_and_wait", record)
    options = ["flights", "--wait", "--full-refresh", "--select", "stg_flights+", "--conf", "n=1"]
    where = ["--url", "http://elsewhere:1", "--user", "ann", "--password-file", str(file)]
    result = CliRunner().invoke(trigger, [*options, "--timeout", "60", *where])
    assert (result.exit_code, result.output) == (0, "")
    conf = {"n": 1, "full_refresh": True, "select": "stg_flights+"}
    expected = {"wait": True, "timeout_seconds": 60.0}
    assert calls == [("http://elsewhere:1", "ann", "pw", "flights", conf, expected)]
