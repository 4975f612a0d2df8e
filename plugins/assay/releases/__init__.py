"""Releases: manifests of table versions. Readers see the current one, whole."""

from assay.releases.ledger import ReleaseLedger

__all__ = ["ReleaseLedger"]
