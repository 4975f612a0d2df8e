"""Where something stands in a contract file: the line, and the way to it."""

from __future__ import annotations

import yaml

_NAMES = ("name", "property", "server")


class Place(str):
    """A spot of a contract file, as in ``contracts/shop/orders.odcs.yaml:57 at schema.orders``.

    It is the text that an error's ``where`` takes, and it can be asked for a narrower spot.
    """

    _file: str
    _node: yaml.Node | None
    _trail: tuple[str, ...]
    line: int

    def __new__(
        cls, file: str, node: yaml.Node | None, line: int = 1, trail: tuple[str, ...] = ()
    ) -> Place:
        place = super().__new__(cls, f"{file}:{line}" + (f" at {'.'.join(trail)}" if trail else ""))
        place._file, place._node, place._trail, place.line = file, node, trail, line
        return place

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # An error may travel to another process, and the parser's nodes cannot.
        return str, (str(self),)

    def at(self, *path: str | int) -> Place:
        """Return the spot of an entry: by its key, or in a list by its position or its name.

        Of an entry that is not there the nearest one that holds it is returned.
        """
        place = self
        for part in path:
            found = place._entry(part)
            if found is None:
                return place
            place = found
        return place

    def _entry(self, part: str | int) -> Place | None:
        if isinstance(self._node, yaml.MappingNode):
            # A mapping's own keys stand behind those that `<<` brought in, and count before them.
            for key, value in reversed(self._node.value):
                if key.value == str(part):
                    return self._narrow(key, value, str(part))
        if isinstance(self._node, yaml.SequenceNode):
            for position, node in enumerate(self._node.value):
                name = _entry_name(node)
                if part in (position, name):
                    return self._narrow(node, node, name or str(position))
        return None

    def _narrow(self, marked: yaml.Node, node: yaml.Node, name: str) -> Place:
        line = marked.start_mark.line + 1
        return Place(self._file, node, line, (*self._trail, name))


def _entry_name(node: yaml.Node) -> str:
    """Return what a list's entry calls itself; empty where it has no name."""
    if not isinstance(node, yaml.MappingNode):
        return ""
    named = {key.value: value.value for key, value in node.value if key.value in _NAMES}
    return next((named[key] for key in _NAMES if isinstance(named.get(key), str)), "")
