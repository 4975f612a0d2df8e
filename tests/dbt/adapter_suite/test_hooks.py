"""dbt-tests-adapter: hooks.

The suite's own checks of what a hook is told name PostgreSQL's profile; here they name DuckDB's.
Hooks write to a table that the fixtures made, in DuckDB's memory: it stays there.
"""

from pathlib import Path
from typing import Any

import pytest
from dbt.tests.adapter import hooks
from dbt.tests.adapter.hooks.test_model_hooks import (
    BaseDuplicateHooksInConfigs,
    BaseHookRefs,
    BaseHooksRefsOnSeeds,
    BasePrePostModelHooks,
    BasePrePostModelHooksInConfig,
    BasePrePostModelHooksInConfigKwargs,
    BasePrePostModelHooksInConfigWithCount,
)
from dbt.tests.adapter.hooks.test_run_hooks import BaseAfterRunHooks, BasePrePostRunHooks
from dbt.tests.util import run_dbt
from dbt_common.exceptions import DbtRuntimeError


class OnDuckDB:
    keeps_memory = True

    @pytest.fixture(scope="class")
    def test_data_dir(self) -> str:
        return str(Path(next(iter(hooks.__path__))) / "data")

    def check_hooks(self, state: str, project: Any, host: str, count: int = 1) -> None:
        found = (
            self.get_ctx_vars(state, project)
            if type(self).__name__ == "TestPrePostRunHooks"
            else self.get_ctx_vars(state, count=count, project=project)
        )
        for context in found if isinstance(found, list) else [found]:
            assert context["test_state"] == state
            assert context["target_name"] == "default"
            assert context["target_schema"] == project.test_schema
            assert context["target_threads"] == 4
            assert context["target_type"] == "duckdb"
            assert context["run_started_at"]
            assert context["invocation_id"]
            assert context["thread_id"].startswith(("Thread-", "MainThread"))


class TestPrePostModelHooks(OnDuckDB, BasePrePostModelHooks):
    pass


class TestHookRefs(OnDuckDB, BaseHookRefs):
    pass


class TestHooksRefsOnSeeds(OnDuckDB, BaseHooksRefsOnSeeds):
    pass


class TestPrePostModelHooksInConfig(OnDuckDB, BasePrePostModelHooksInConfig):
    pass


class TestPrePostModelHooksInConfigWithCount(OnDuckDB, BasePrePostModelHooksInConfigWithCount):
    pass


class TestPrePostModelHooksInConfigKwargs(OnDuckDB, BasePrePostModelHooksInConfigKwargs):
    pass


class TestDuplicateHooksInConfigs(OnDuckDB, BaseDuplicateHooksInConfigs):
    pass


class TestPrePostRunHooks(OnDuckDB, BasePrePostRunHooks):
    pass


class TestAfterRunHooks(OnDuckDB, BaseAfterRunHooks):
    def test_missing_column_pre_hook(self, project):
        """dbt-duckdb's error for a failed hook is a runtime error, not a database error."""
        with pytest.raises(DbtRuntimeError):
            run_dbt(["run"], expect_pass=False)
