"""What both stores hold a secret's name and fields to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assay.errors import SecretError

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


def check_name(name: str) -> None:
    """Refuse a name that could lead out of the store's own path.

    Raises:
        SecretError: it is empty, or holds more than letters, digits, ``_ - .`` and ``/``.
    """
    if not _NAME.fullmatch(name):
        raise SecretError(
            f"'{name}' is not a secret's name: expected letters, digits, _ - . and /",
            todo="correct `secret` in the contract's `servers`",
        )


def as_texts(fields: object, where: str) -> Mapping[str, str]:
    """Return a secret's fields as texts; numbers are written out.

    Raises:
        SecretError: they are not named texts.
    """
    if isinstance(fields, Mapping) and all(isinstance(v, str | int) for v in fields.values()):
        return {str(name): str(value) for name, value in fields.items()}
    raise SecretError(
        "the secret is not a set of named texts",
        where=where,
        todo="store it as fields, such as user and password",
    )
