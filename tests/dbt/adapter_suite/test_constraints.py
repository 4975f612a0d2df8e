"""dbt-tests-adapter: constraints and contracts.

The suite expects PostgreSQL's DDL and words. A Delta table has no DDL: what is asked here is
that each constraint that Delta knows stands in the table's metadata, and that a row which breaks
one is refused, in this project's words, with the last version left as it was.
"""

import json
from pathlib import Path

import pytest
from dbt.adapters.duckdb import DuckDBConnectionManager
from dbt.tests.adapter.constraints.test_constraints import (
    BaseConstraintQuotedColumn,
    BaseConstraintsRollback,
    BaseConstraintsRuntimeDdlEnforcement,
    BaseIncrementalConstraintsColumnsEqual,
    BaseIncrementalConstraintsRollback,
    BaseIncrementalConstraintsRuntimeDdlEnforcement,
    BaseIncrementalContractSqlHeader,
    BaseIncrementalForeignKeyConstraint,
    BaseModelConstraintsRuntimeEnforcement,
    BaseTableConstraintsColumnsEqual,
    BaseTableContractSqlHeader,
    BaseViewConstraintsColumnsEqual,
)
from dbt.tests.util import read_file, run_dbt, write_file
from deltalake import DeltaTable


class DuckDBTypes:
    """The types by their names in DuckDB."""

    @pytest.fixture
    def string_type(self):
        return "VARCHAR"

    @pytest.fixture
    def int_type(self):
        return "INTEGER"

    @pytest.fixture
    def data_types(self):
        return [
            ["1", "INTEGER", "INTEGER"],
            ["'1'", "VARCHAR", "VARCHAR"],
            ["true", "bool", "BOOL"],
            ["'2013-11-03 00:00:00-07'::timestamptz", "timestamptz", "TIMESTAMP WITH TIME ZONE"],
            ["'2013-11-03 00:00:00'::timestamp", "timestamp", "TIMESTAMP"],
            ["['a','b','c']", "text[]", "VARCHAR[]"],
            ["[1,2,3]", "int[]", "INTEGER[]"],
            ["'1'::numeric", "numeric", "DECIMAL"],
        ]


class Recorded:
    """In the place of DDL: the constraints in the table's metadata."""

    def test__constraints_ddl(self, project):
        text = read_file("models", "constraints_schema.yml")
        write_file(text.format(schema=project.test_schema), "models", "constraints_schema.yml")
        run_dbt(["run", "-s", "+my_model"])
        root = DuckDBConnectionManager.env()._plugins["assay"]._plain.root
        table = DeltaTable(str(Path(root) / project.test_schema / "my_model"))
        checks = {
            value
            for name, value in table.metadata().configuration.items()
            if name.startswith("assay.check.")
        }
        assert checks == self.checks
        columns = {f["name"]: f for f in json.loads(table.schema().to_json())["fields"]}
        assert {name for name, each in columns.items() if not each["nullable"]} == self.required
        assert tuple(columns) == self.columns

    test__model_constraints_ddl = test__constraints_ddl
    checks = frozenset({"(id > 0)", "id >= 1"})
    required = frozenset({"id"})
    columns = ("id", "color", "date_day")


class Refused:
    """A row that breaks a constraint is refused in this project's words."""

    @pytest.fixture(scope="class")
    def expected_error_messages(self):
        return ["break its constraints: id is not null (1 rows)"]


class TestTableConstraintsColumnsEqual(DuckDBTypes, BaseTableConstraintsColumnsEqual):
    pass


class TestViewConstraintsColumnsEqual(DuckDBTypes, BaseViewConstraintsColumnsEqual):
    pass


class TestIncrementalConstraintsColumnsEqual(DuckDBTypes, BaseIncrementalConstraintsColumnsEqual):
    pass


class TestConstraintsRuntimeDdlEnforcement(Recorded, BaseConstraintsRuntimeDdlEnforcement):
    pass


class TestConstraintsRollback(Refused, BaseConstraintsRollback):
    pass


class TestIncrementalConstraintsRuntimeDdlEnforcement(
    Recorded, BaseIncrementalConstraintsRuntimeDdlEnforcement
):
    pass


class TestIncrementalConstraintsRollback(Refused, BaseIncrementalConstraintsRollback):
    pass


class TestTableContractSqlHeader(BaseTableContractSqlHeader):
    pass


class TestIncrementalContractSqlHeader(BaseIncrementalContractSqlHeader):
    pass


class TestModelConstraintsRuntimeEnforcement(Recorded, BaseModelConstraintsRuntimeEnforcement):
    pass


class TestConstraintQuotedColumn(Recorded, BaseConstraintQuotedColumn):
    checks = frozenset({"(\"from\" = 'blue')"})
    required = frozenset({"id", "from"})
    columns = ("id", "from", "date_day")


class TestIncrementalForeignKeyConstraint(BaseIncrementalForeignKeyConstraint):
    pass
