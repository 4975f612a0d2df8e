"""dbt-tests-adapter: whole projects: aliases, caching, ephemeral, flags, Python, other types."""

import re

import pytest
from dbt.tests.adapter.aliases.test_aliases import (
    BaseAliasErrors,
    BaseAliases,
    BaseSameAliasDifferentSchemas,
)
from dbt.tests.adapter.caching.test_caching import (
    BaseCachingLowercaseModel,
    BaseCachingSelectedSchemaOnly,
    BaseCachingUppercaseModel,
    BaseNoPopulateCache,
)
from dbt.tests.adapter.concurrency.test_concurrency import BaseConcurrency
from dbt.tests.adapter.dbt_show.test_dbt_show import (
    BaseShowDoesNotHandleDoubleLimit,
    BaseShowLimit,
    BaseShowSqlHeader,
)
from dbt.tests.adapter.empty.test_empty import (
    BaseTestEmpty,
    BaseTestEmptyInlineSourceRef,
    MetadataWithEmptyFlag,
)
from dbt.tests.adapter.ephemeral.test_ephemeral import (
    BaseEphemeralErrorHandling,
    BaseEphemeralMulti,
    BaseEphemeralNested,
)
from dbt.tests.adapter.python_model import test_python_model
from dbt.tests.adapter.python_model.test_python_model import (
    BasePythonEmptyTests,
    BasePythonIncrementalTests,
    BasePythonModelTests,
    BasePythonSampleTests,
)
from dbt.tests.adapter.query_comment.test_query_comment import (
    BaseEmptyQueryComments,
    BaseMacroArgsQueryComments,
    BaseMacroInvalidQueryComments,
    BaseMacroQueryComments,
    BaseNullQueryComments,
    BaseQueryComments,
)
from dbt.tests.adapter.relations.test_changing_relation_type import BaseChangeRelationTypeValidator
from dbt.tests.adapter.relations.test_dropping_schema_named import BaseDropSchemaNamed
from dbt.tests.adapter.sample_mode import fixtures as sample_fixtures
from dbt.tests.adapter.sample_mode.test_sample_mode import BaseSampleModeTest
from dbt.tests.adapter.simple_copy.test_simple_copy import EmptyModelsArentRunBase, SimpleCopyBase
from dbt.tests.util import check_relations_equal, read_file, run_dbt


class TestAliases(BaseAliases):
    pass


class TestAliasErrors(BaseAliasErrors):
    pass


class TestSameAliasDifferentSchemas(BaseSameAliasDifferentSchemas):
    pass


class TestCachingLowercaseModel(BaseCachingLowercaseModel):
    pass


class TestCachingUppercaseModel(BaseCachingUppercaseModel):
    pass


class TestCachingSelectedSchemaOnly(BaseCachingSelectedSchemaOnly):
    pass


class TestNoPopulateCache(BaseNoPopulateCache):
    pass


class TestConcurrency(BaseConcurrency):
    pass


class TestShowLimit(BaseShowLimit):
    pass


class TestShowSqlHeader(BaseShowSqlHeader):
    pass


class TestShowDoesNotHandleDoubleLimit(BaseShowDoesNotHandleDoubleLimit):
    pass


class TestEmpty(BaseTestEmpty):
    pass


class TestEmptyInlineSourceRef(BaseTestEmptyInlineSourceRef):
    pass


class TestEphemeralErrorHandling(BaseEphemeralErrorHandling):
    pass


class TestPythonModelTests(BasePythonModelTests):
    pass


class TestQueryComments(BaseQueryComments):
    pass


class TestMacroQueryComments(BaseMacroQueryComments):
    pass


class TestMacroArgsQueryComments(BaseMacroArgsQueryComments):
    pass


class TestMacroInvalidQueryComments(BaseMacroInvalidQueryComments):
    pass


class TestNullQueryComments(BaseNullQueryComments):
    pass


class TestEmptyQueryComments(BaseEmptyQueryComments):
    pass


class TestChangeRelationTypeValidator(BaseChangeRelationTypeValidator):
    pass


class TestDropSchemaNamed(BaseDropSchemaNamed):
    pass


class TestEmptyModelsArentRun(EmptyModelsArentRunBase):
    pass


class TestEphemeralMulti(BaseEphemeralMulti):
    def test_ephemeral_multi(self, project):
        """As the suite has it, but for the text of PostgreSQL's DDL around the query."""
        run_dbt(["seed"])
        assert len(run_dbt(["run"])) == 3
        for model in ("dependent", "double_dependent", "super_dependent"):
            check_relations_equal(project.adapter, ["seed", model])
        sql = read_file("target", "run", "test", "models", "double_dependent.sql")
        assert re.findall(r"__dbt__cte__\w+ as", sql) == [
            "__dbt__cte__base as",
            "__dbt__cte__base_copy as",
        ]


class TestEphemeralNested(BaseEphemeralNested):
    def test_ephemeral_nested(self, project):
        """As the suite has it, but for the text of PostgreSQL's DDL around the query."""
        assert len(run_dbt(["run"])) == 2
        sql = read_file("target", "run", "test", "models", "root_view.sql")
        assert re.findall(r"__dbt__cte__\w+ as", sql) == [
            "__dbt__cte__ephemeral_level_two as",
            "__dbt__cte__ephemeral as",
        ]


class TestMetadataWithEmptyFlag(MetadataWithEmptyFlag):
    """Models that alter or truncate a table by SQL are left out: no Delta table can be so."""

    @pytest.mark.parametrize(
        "model",
        ["control", "get_columns_in_relation", "alter_relation_comment", "alter_column_comment"],
    )
    def test_run(self, project, model):
        run_dbt(["run", "--empty", "--select", model])


class TestPythonIncrementalTests(BasePythonIncrementalTests):
    @pytest.fixture(scope="class")
    def models(self):
        """A relation of DuckDB's is filtered by SQL; the suite's is one of PySpark's."""
        text = test_python_model.incremental_python.replace("df.id > 5", "'id > 5'")
        return {"m_1.sql": test_python_model.m_1, "incremental.py": text}


class InUtc:
    """The fixtures' moments have an offset, which a DuckDB timestamp has not."""

    @pytest.fixture(scope="class")
    def input_model_sql(self):
        return sample_fixtures.input_model_sql.replace("00-0'", "00'")


class TestSampleModeTest(InUtc, BaseSampleModeTest):
    pass


class PythonInUtc:
    @pytest.fixture(scope="class")
    def models(self):
        return {
            "input_model.sql": test_python_model._input_model_sql.replace("00-0'", "00'"),
            "model_that_refs_input.py": test_python_model._model_that_refs_input_py,
        }


class TestPythonEmptyTests(PythonInUtc, BasePythonEmptyTests):
    pass


class TestPythonSampleTests(PythonInUtc, BasePythonSampleTests):
    pass


class TestSimpleCopy(SimpleCopyBase):
    """Its materialized view is left out: DuckDB has none."""

    test_simple_copy_with_materialized_views = None
