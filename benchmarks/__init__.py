"""What Assay costs, against plain DuckDB: see README.md."""
