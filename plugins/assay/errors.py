"""One tree of errors. Every leaf says what was found, what was expected, where, and what to do.

``code`` is stable: records, logs and notifications carry it.
"""

from __future__ import annotations

import re


def first_paragraph(error: Exception) -> str:
    """Return what DuckDB says first, in one line; the rest quotes the query."""
    return " ".join(re.split(r"\n\s*\n", str(error).strip())[0].split())


# What DuckDB, delta-rs and Python say of a disk that is full, and of files that cannot be read,
# are gone, or hold something else than they did.
_DISK_FAILED = (
    "IO Error",
    "LocalFileSystem error",
    "[Errno ",
    "Failed to read file",
    "No magic bytes",
    "Out of buffer",
    "TProtocolException",
)


def is_of_the_disk(message: str) -> bool:
    """Tell from an engine's words whether files are at fault, and not what it was asked."""
    return any(sign in message for sign in _DISK_FAILED)


def advise_on_disk(product: str, then: str = "") -> str:
    """Say what a person does where files of a product's tables are at fault."""
    return (
        f"check the disk and the permissions of the lake's folder{then}; where a table's file is"
        f" gone or damaged, `assay run {product} --full-refresh` builds all tables anew from what"
        " landed"
    )


class AssayError(Exception):
    """Base of every error that Assay raises on purpose.

    ``what`` is the sentence a person reads first; ``todo`` is the next step or command.
    ``retryable`` says whether the same call may succeed later without anyone acting;
    ``exit_code`` is what the command line ends with.
    """

    code = "assay"
    retryable = False
    exit_code = 1

    def __init__(self, what: str, *, todo: str = "", where: str = "") -> None:
        self.what = what
        self.todo = todo
        self.where = where
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"where: {self.where}")
        if self.todo:
            parts.append(f"what to do: {self.todo}")
        return "\n  ".join(parts)


class SettingsError(AssayError):
    """An environment variable or a project file is missing or cannot be read as what it is."""

    code = "settings"


class ContractError(AssayError):
    """A contract is missing, malformed, or says something that cannot be compiled."""

    code = "contract"


class SourceError(AssayError):
    """A source could not be read: no file, no connection, no permission."""

    code = "source"


class LoadRefused(AssayError):
    """A delivery cannot be read whole; nothing of it was counted."""

    code = "load_refused"


class DeliveriesIncomplete(LoadRefused):
    """A run published all that it could, but not all that was delivered: loads are refused."""

    code = "deliveries_incomplete"
    exit_code = 3


class SecretError(AssayError):
    """A secret is missing, or the store that holds it does not answer."""

    code = "secret"


class StorageError(AssayError):
    """A Delta table could not be read or written as asked."""

    code = "storage"


class ColumnsChanged(StorageError):
    """The new rows of a table have other columns than it, and its settings refuse that."""

    code = "columns_changed"


class ConcurrentWrite(StorageError):
    """Another writer committed first. The same call may succeed on the new version."""

    code = "concurrent_write"
    retryable = True


class TransformError(AssayError):
    """dbt could not parse, or a model failed."""

    code = "transform"


class BalanceError(AssayError):
    """Rows were lost or invented: the dispositions of a load do not sum to what was landed."""

    code = "balance"


class QualityError(AssayError):
    """A suite could not be loaded or run."""

    code = "quality"


class QuarantineError(QualityError):
    """Quarantined rows are not there, or cannot be repaired, replayed or discarded as asked."""

    code = "quarantine"


class TablesOverdue(QualityError):
    """A table is older than agreed, and its contract says that this stops the run."""

    code = "overdue"


class AuditFailed(QualityError):
    """A table did not pass its audit: a critical check failed, any check errored, or none ran."""

    code = "audit_failed"


class PolicyError(AssayError):
    """The policy engine could not be asked, or did not answer properly: that is a no."""

    code = "policy"


class PolicyDenied(PolicyError):
    """A rule said no."""

    code = "policy_denied"


class ReleaseError(AssayError):
    """A release is unknown, or cannot be published."""

    code = "release"


class ReleaseConflict(ReleaseError):
    """The current release is no longer the one this run started from."""

    code = "release_conflict"


class ProductBusy(AssayError):
    """Another process is writing this product now."""

    code = "product_busy"
    retryable = True


class RunSuperseded(AssayError):
    """A newer run of the product has started: this one may write nothing any more."""

    code = "superseded"


class LineageError(AssayError):
    """Lineage could not be read. (Recording it never raises: it warns and counts.)"""

    code = "lineage"


class RemoteRunFailed(AssayError):
    """A DAG run that was triggered over the REST API did not succeed."""

    code = "remote_run"
