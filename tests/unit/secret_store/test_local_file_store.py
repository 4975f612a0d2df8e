"""The local secrets file: for its owner only, and errors that show nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import SecretError
from assay.secret_store import LocalFileStore


def _store(folder: Path, text: str, mode: int = 0o600) -> LocalFileStore:
    path = folder / "secrets.json"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return LocalFileStore(path)


def _failure(store: LocalFileStore, name: str = "source") -> SecretError:
    with pytest.raises(SecretError) as caught:
        store.get(name)
    assert "correct horse" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620])
def test_a_file_that_others_may_reach_is_refused(tmp_path: Path, mode: int) -> None:
    store = _store(tmp_path, '{"source": {"password": "correct horse"}}', mode)

    error = _failure(store)

    assert error.what == f"others may read the local secrets file (mode {mode:04o})"
    assert error.todo == f"chmod 600 {tmp_path / 'secrets.json'}"
    with pytest.raises(SecretError):
        store.check()


def test_a_missing_file_is_explained_by_example(tmp_path: Path) -> None:
    error = _failure(LocalFileStore(tmp_path / "none.json"))

    assert error.what == "there is no local secrets file, and no Vault address is set"
    assert '"password": "…"' in error.todo
    assert error.where == str(tmp_path / "none.json")


def test_a_missing_name_is_explained_by_example(tmp_path: Path) -> None:
    error = _failure(_store(tmp_path, '{"other": {"password": "correct horse"}}'))

    assert error.what == "secret 'source' is not in the local secrets file"
    assert error.todo == 'add it: {"source": {"user": "…", "password": "…"}}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"source": {"password": "correct horse"}', "is not JSON, line 1"),
        ('["correct horse"]', "holds no names"),
        ('{"source": "correct horse"}', "not a set of named texts"),
        ('{"source": {"password": ["correct horse"]}}', "not a set of named texts"),
    ],
)
def test_a_malformed_file_is_not_quoted(tmp_path: Path, text: str, expected: str) -> None:
    error = _failure(_store(tmp_path, text))

    assert expected in error.what
    assert error.__cause__ is None


def test_numbers_are_written_out(tmp_path: Path) -> None:
    store = _store(tmp_path, '{"source": {"user": "reader", "port": 5432}}')

    assert store.get("source") == {"user": "reader", "port": "5432"}
