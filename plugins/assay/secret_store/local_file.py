"""Secrets in a local JSON file that only its owner may read: for a developer's machine."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path

from assay.errors import SecretError
from assay.secret_store.fields import as_texts, check_name

_EXAMPLE = '{"<name>": {"user": "…", "password": "…"}}'


class LocalFileStore:
    """A JSON file of mode 0600: ``{name: {field: text}}``. Read anew at each call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> Mapping[str, str]:
        """Return a secret's fields.

        Raises:
            SecretError: file or name is missing, or others may read the file.
        """
        check_name(name)
        secrets = self._read()
        if name not in secrets:
            raise SecretError(
                f"secret '{name}' is not in the local secrets file",
                where=str(self._path),
                todo=f"add it: {_EXAMPLE.replace('<name>', name)}",
            )
        return as_texts(secrets[name], f"{self._path}, secret '{name}'")

    def check(self) -> None:
        """Make sure that the file can be read and nobody else reads it.

        Raises:
            SecretError: it cannot, or others may.
        """
        self._read()

    def _read(self) -> Mapping[str, object]:
        try:
            with self._path.open(encoding="utf-8") as handle:
                mode = stat.S_IMODE(self._path.stat().st_mode)
                if mode & 0o077:
                    raise SecretError(
                        f"others may read the local secrets file (mode {mode:04o})",
                        where=str(self._path),
                        todo=f"chmod 600 {self._path}",
                    )
                secrets = json.load(handle)
        except FileNotFoundError:
            raise self._failure(
                "there is no local secrets file, and no Vault address is set",
                f"create it with mode 600: {_EXAMPLE}; or set VAULT_ADDR",
            ) from None
        except OSError as error:
            raise self._failure(
                f"the local secrets file cannot be read: {error.strerror}",
                "check its owner and permissions",
            ) from error
        except json.JSONDecodeError as error:
            # The error itself carries the file's text: it must not travel on.
            raise self._failure(
                f"the local secrets file is not JSON, line {error.lineno}: {error.msg}",
                f"expected {_EXAMPLE}",
            ) from None
        except UnicodeDecodeError:
            raise self._failure(
                "the local secrets file is not UTF-8 text", f"expected {_EXAMPLE}"
            ) from None
        if not isinstance(secrets, dict):
            raise self._failure("the local secrets file holds no names", f"expected {_EXAMPLE}")
        return secrets

    def _failure(self, what: str, todo: str) -> SecretError:
        return SecretError(what, where=str(self._path), todo=todo)
