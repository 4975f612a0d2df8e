"""The one JSON text that every engine is given, refused where engines would read it differently."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from assay.errors import PolicyError

LARGEST_NUMBER = 2**53
_DEEPEST = 64
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\]")


def write_input(document: Mapping[str, object]) -> str:
    """Write a policy's input as JSON text.

    Characters stay as they are (no escapes above ASCII): the embedded engine keeps escapes
    unread, so that an escaped text would not equal the same text in a policy. For the same
    reason a backslash is refused: some of its built-ins read it as the start of an escape.

    Raises:
        PolicyError: a text holds a control character, a backslash or half a surrogate pair, a
            number lies beyond 2^53 or is not finite, or a value has no place in JSON. It names
            the path.
    """
    _check(document, "$", 0)
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def _check(value: object, path: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise _refused(f"it is nested more than {_DEEPEST} deep", path)
    if isinstance(value, str):
        _check_text(value, path)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int | float):
        _check_number(value, path)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise _refused(f"a key is {type(name).__name__}, expected text", path)
            _check_text(name, f"{path}.{name.encode('unicode_escape').decode()}")
            _check(item, f"{path}.{name}", depth + 1)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            _check(item, f"{path}[{position}]", depth + 1)
    else:
        raise _refused(f"it is {type(value).__name__}, which JSON does not have", path)


def _check_text(text: str, path: str) -> None:
    unsafe = _UNSAFE.search(text)
    if unsafe is None:
        return
    kind = "backslash" if unsafe[0] == "\\" else f"control character U+{ord(unsafe[0]):04X}"
    raise _refused(f"it holds a {kind} at position {unsafe.start()}", path)


def _check_number(number: float, path: str) -> None:
    if not math.isfinite(number):
        raise _refused(f"it is {number}, expected a finite number", path)
    if abs(number) > LARGEST_NUMBER:
        raise _refused("it is a number beyond 2^53, which engines round differently", path)


def _refused(found: str, path: str) -> PolicyError:
    return PolicyError(
        f"the policy's input cannot be judged: {found}",
        where=path,
        todo="correct the contract, check or name that this value came from",
    )
