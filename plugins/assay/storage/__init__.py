"""Delta tables: write, merge, read at a version, restore. No JVM, no database file."""

from assay.storage.connection import (
    open_connection,
    prepare_connection,
    quote_name,
    quote_text,
    scan,
)
from assay.storage.tables import (
    column_types,
    current_version,
    open_table,
    restore,
    row_count,
    size_bytes,
    table_path,
)
from assay.storage.write import WriteMode, WriteRequest, WriteResult, write_table

__all__ = [
    "WriteMode",
    "WriteRequest",
    "WriteResult",
    "column_types",
    "current_version",
    "open_connection",
    "open_table",
    "prepare_connection",
    "quote_name",
    "quote_text",
    "restore",
    "row_count",
    "scan",
    "size_bytes",
    "table_path",
    "write_table",
]
