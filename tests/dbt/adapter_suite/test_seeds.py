"""dbt-tests-adapter: seeds."""

import shutil
from pathlib import Path

import pytest
from dbt.tests.adapter import simple_seed
from dbt.tests.adapter.simple_seed import fixtures, seeds
from dbt.tests.adapter.simple_seed.test_seed import (
    BaseBasicSeedTests,
    BaseSeedConfigFullRefreshOff,
    BaseSeedConfigFullRefreshOn,
    BaseSeedCustomSchema,
    BaseSeedParsing,
    BaseSeedSpecificFormats,
    BaseSeedWithEmptyDelimiter,
    BaseSeedWithUniqueDelimiter,
    BaseSeedWithWrongDelimiter,
    BaseSimpleSeedEnabledViaConfig,
    BaseSimpleSeedWithBOM,
    BaseTestEmptySeed,
)
from dbt.tests.adapter.simple_seed.test_seed_type_override import BaseSimpleSeedColumnOverride
from dbt.tests.util import run_dbt


class TestBasicSeedTests(BaseBasicSeedTests):
    def test_simple_seed_full_refresh_flag(self, project):
        """DuckDB drops no view with the table that it reads: the view stays."""
        self._build_relations_for_test(project)
        result = run_dbt(["seed", "--full-refresh"])
        self._check_relation_end_state(run_result=result, project=project, exists=True)


class TestSeedConfigFullRefreshOn(BaseSeedConfigFullRefreshOn):
    def test_simple_seed_full_refresh_config(self, project):
        """DuckDB drops no view with the table that it reads: the view stays."""
        self._build_relations_for_test(project)
        result = run_dbt(["seed"])
        self._check_relation_end_state(run_result=result, project=project, exists=True)


class TestSeedConfigFullRefreshOff(BaseSeedConfigFullRefreshOff):
    pass


class TestSeedCustomSchema(BaseSeedCustomSchema):
    pass


class TestSeedWithUniqueDelimiter(BaseSeedWithUniqueDelimiter):
    pass


class TestSeedWithWrongDelimiter(BaseSeedWithWrongDelimiter):
    pass


class TestSeedWithEmptyDelimiter(BaseSeedWithEmptyDelimiter):
    pass


class TestSimpleSeedEnabledViaConfig(BaseSimpleSeedEnabledViaConfig):
    pass


class TestSeedParsing(BaseSeedParsing):
    pass


class TestSimpleSeedWithBOM(BaseSimpleSeedWithBOM):
    @pytest.fixture(scope="class", autouse=True)
    def setUp(self, project):
        project.run_sql(seeds.seeds__expected_sql)
        source = Path(next(iter(simple_seed.__path__))) / "seed_bom.csv"
        shutil.copy(source, Path(project.project_root) / "seeds" / "seed_bom.csv")


class TestSeedSpecificFormats(BaseSeedSpecificFormats):
    @pytest.fixture(scope="class")
    def test_data_dir(self, tmp_path_factory):
        return tmp_path_factory.mktemp("seeds") / "new"


class TestEmptySeed(BaseTestEmptySeed):
    pass


class TestSimpleSeedColumnOverride(BaseSimpleSeedColumnOverride):
    """The types by their names in DuckDB."""

    @pytest.fixture(scope="class")
    def models(self):
        text = fixtures.properties__schema_yml
        names = {
            "type: text": "type: character varying(256)",
            "type: date": "type: DATE",
            "type: timestamp without time zone": "type: TIMESTAMP",
            "type: boolean": "type: BOOLEAN",
            "type: integer": "type: INTEGER",
        }
        for theirs, ours in names.items():
            text = text.replace(theirs, ours)
        return {"schema.yml": text}
