"""Delta tables: write, merge, read at a version, restore. No JVM, no database file."""

from assay.storage.cleaning import Cleaning, clean_table, versions_since
from assay.storage.compaction import compact_table
from assay.storage.connection import (
    create_view,
    open_connection,
    prepare_connection,
    quote_text,
    scan,
)
from assay.storage.data_files import parquet_options
from assay.storage.merge import MergeRules
from assay.storage.sample import scan_sample
from assay.storage.schema_change import SchemaChange
from assay.storage.staged_rows import ReadyFiles, StagedRows, stage_rows
from assay.storage.table_spec import TableSpec
from assay.storage.table_statistics import table_statistics
from assay.storage.tables import (
    column_types,
    current_version,
    describe_table,
    open_table,
    require_data_files,
    restore,
    row_count,
    size_bytes,
    table_path,
)
from assay.storage.write import write_table
from assay.storage.write_request import WriteMode, WriteRequest, WriteResult

__all__ = [
    "Cleaning",
    "MergeRules",
    "ReadyFiles",
    "SchemaChange",
    "StagedRows",
    "TableSpec",
    "WriteMode",
    "WriteRequest",
    "WriteResult",
    "clean_table",
    "column_types",
    "compact_table",
    "create_view",
    "current_version",
    "describe_table",
    "open_connection",
    "open_table",
    "parquet_options",
    "prepare_connection",
    "quote_text",
    "require_data_files",
    "restore",
    "row_count",
    "scan",
    "scan_sample",
    "size_bytes",
    "stage_rows",
    "table_path",
    "table_statistics",
    "versions_since",
    "write_table",
]
