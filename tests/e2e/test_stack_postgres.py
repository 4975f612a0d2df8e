"""The same scripts with Airflow's metadata in PostgreSQL, as docker-compose.yml has it."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from test_stack import kill_everything, start_stack, wait_for_dag, wait_until_up

if TYPE_CHECKING:
    from postgres_server import PostgresServer

sys.path.append(str(Path(__file__).resolve().parents[1]))
pytest_plugins = ["postgres_server"]


def test_a_run_on_postgresql_from_start_to_stop(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with closing(postgres_server.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("create database airflow_stack")
    address = f"{postgres_server.host}:{postgres_server.port}/airflow_stack"
    url = f"postgresql+psycopg2://{postgres_server.user}:{postgres_server.password}@{address}"
    stack = start_stack(tmp_path / "home", ASSAY_METADATA_URL=url)
    try:
        wait_until_up(stack)
        wait_for_dag(stack, "stack_good")
        done = stack.trigger("stack_good", "--wait")
        assert done.returncode == 0, done.stdout + done.stderr
        assert stack.command("down").stdout == "Airflow is stopped.\n"
    finally:
        kill_everything(stack)
    database = closing(postgres_server.connect("airflow_stack"))
    with database as connection, connection.cursor() as cursor:
        cursor.execute("select dag_id, state from dag_run")
        assert cursor.fetchall() == [("stack_good", "success")]
    assert not (stack.home / "airflow.db").exists()
