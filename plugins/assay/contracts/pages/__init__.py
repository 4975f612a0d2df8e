"""A contract as a page that people read: what the table holds, and what is asked of its rows."""

from assay.contracts.pages.page import compile_pages, describe_contract

__all__ = ["compile_pages", "describe_contract"]
