"""``assay trigger``: start a DAG run on a running Airflow and, with --wait, exit by its outcome."""

from __future__ import annotations

import json
from pathlib import Path

import click

from assay.cli.airflow_api import trigger_and_wait
from assay.config import read_settings
from assay.errors import SettingsError

_URL = "http://localhost:8080"


@click.command("trigger")
@click.argument("dag_id", metavar="DAG")
@click.option("--wait/--no-wait", default=False, help="Follow the run; fail unless it succeeds.")
@click.option("--conf", "pairs", multiple=True, metavar="KEY=VALUE", help="A param; repeatable.")
@click.option("--full-refresh", is_flag=True, help="Rebuild every table from its landed loads.")
@click.option("--select", default="", help="Which dbt models to build, in dbt's syntax.")
@click.option(
    "--timeout",
    "timeout_seconds",
    type=click.FloatRange(min=0),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
)
@click.option(
    "--url",
    default="",
    help="Airflow's address. Default: where `make up` started it, else http://localhost:8080.",
)
@click.option("--user", default="admin", show_default=True)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="JSON {user: password}, or the password alone. Default: airflow-home/passwords.json.",
)
def trigger(
    dag_id: str,
    wait: bool,
    pairs: tuple[str, ...],
    full_refresh: bool,
    select: str,
    timeout_seconds: float,
    url: str,
    user: str,
    password_file: Path | None,
) -> None:
    """Trigger a run of DAG over Airflow's REST API."""
    conf = parse_conf(pairs)
    if full_refresh:
        conf["full_refresh"] = True
    if select:
        conf["select"] = select
    file = password_file or _airflow_home() / "passwords.json"
    trigger_and_wait(
        url or find_url(_airflow_home()),
        user,
        read_password(file, user),
        dag_id,
        conf,
        wait=wait,
        timeout_seconds=timeout_seconds,
        echo=click.echo,
    )


def _airflow_home() -> Path:
    return read_settings().project_root / "airflow-home"


def find_url(home: Path) -> str:
    """Name the address that `make up` noted while its Airflow is up, on whatever port."""
    try:
        noted = json.loads((home / "stack.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _URL
    url = noted.get("url") if isinstance(noted, dict) else None
    return url if isinstance(url, str) and url else _URL


def parse_conf(pairs: tuple[str, ...]) -> dict[str, object]:
    """Read ``key=value`` pairs: a value that is JSON becomes what it says, any other is text.

    Raises:
        click.UsageError: a pair has no ``=`` or no key.
    """
    conf: dict[str, object] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not key or not equals:
            raise click.UsageError(f"--conf '{pair}': expected KEY=VALUE, such as --conf month=3")
        try:
            conf[key] = json.loads(text)
        except ValueError:
            conf[key] = text
    return conf


def read_password(file: Path, user: str) -> str:
    """Read a user's password from ``{user: password}`` JSON, or from a file that holds only it.

    Raises:
        SettingsError: the file cannot be read, is empty, or does not name the user.
    """
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"no password can be read from {file}: {error.strerror}",
            todo="start Airflow once with: make up, or name another file with --password-file",
        ) from error
    try:
        content = json.loads(text)
    except ValueError:
        content = text
    password = content.get(user, "") if isinstance(content, dict) else text
    if not password:
        raise SettingsError(
            f"{file} holds no password for user '{user}'",
            todo="write {user: password} as JSON, or the password alone, into it",
        )
    return str(password)
