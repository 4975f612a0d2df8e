"""Importing a library without what it imports at once and seldom uses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType


class _LateModule(ModuleType):
    """Stands for a module until something of it is used: then that is imported and asked."""

    def __getattr__(self, name: str) -> object:
        # What only looks at modules, as `inspect` does at all that there are, imports nothing.
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def late_imports(*names: str) -> Iterator[None]:
    """Let what is imported inside import these modules only once it uses something of them.

    Afterwards an import elsewhere is as ever. A module that is there already stays.
    """
    for name in names:
        sys.modules.setdefault(name, _LateModule(name))
    try:
        yield
    finally:
        for name in names:
            if isinstance(sys.modules.get(name), _LateModule):
                del sys.modules[name]
