"""Modules imported once they are used, and only for what is imported inside."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from assay.quality.late_imports import late_imports


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A library that imports a heavy package, of which it uses something in a function."""
    heavy = tmp_path / "heavy_part"
    heavy.mkdir()
    (heavy / "__init__.py").write_text("weight = 7\n")
    (heavy / "inner.py").write_text("from heavy_part import weight\ntwice = 2 * weight\n")
    (tmp_path / "light_part.py").write_text(
        "import heavy_part as heavy\n\ndef weigh():\n    return heavy.weight\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with late_imports("heavy_part"):
        import light_part
    yield light_part
    for name in ("heavy_part", "heavy_part.inner", "light_part"):
        sys.modules.pop(name, None)


def test_a_module_is_imported_once_something_of_it_is_used(package: ModuleType) -> None:
    assert "heavy_part" not in sys.modules
    assert package.weigh() == 7
    assert sys.modules["heavy_part"].weight == 7


def test_looking_at_a_module_imports_nothing(package: ModuleType) -> None:
    assert not hasattr(package.heavy, "__file__")
    assert inspect.getmodule(package.weigh) is package
    assert "heavy_part" not in sys.modules


def test_an_import_elsewhere_is_as_ever(package: ModuleType) -> None:
    import heavy_part
    import heavy_part.inner

    assert heavy_part.__file__ is not None
    assert heavy_part.inner.twice == 14
    assert package.weigh() == 7


def test_a_part_of_a_module_can_be_imported_inside(package: ModuleType) -> None:
    with late_imports("heavy_part"):
        import heavy_part.inner
    assert heavy_part.inner.twice == 14
    assert "heavy_part" in sys.modules


def test_what_is_not_there_fails_when_it_is_used(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = package.heavy.nothing


def test_a_module_that_is_there_stays(package: ModuleType) -> None:
    import heavy_part

    with late_imports("heavy_part"):
        import heavy_part as inside
    assert inside is heavy_part
    assert sys.modules["heavy_part"] is heavy_part


def test_great_expectations_comes_without_charts_and_distributions() -> None:
    code = (
        "import sys; from assay.quality import preload; preload();"
        " print([n for n in ('altair', 'scipy.stats', 'great_expectations') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['great_expectations']"
