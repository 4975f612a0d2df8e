"""The platform's own records: append-only Delta tables under ``lake/_assay``, one a dataclass.

Every capability that remembers something (loads, runs, checks, releases …) keeps it here, so
that an audit of the platform is a query like any other.
"""

from assay.records.table import RecordTable

__all__ = ["RecordTable"]
