"""Are landed files still what landed? Bronze is built of them, and they are kept for years."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from assay.domain import Load
from assay.errors import StorageError


@contextmanager
def holding_landed_bytes(lake: Path, loads: Sequence[Load]) -> Iterator[None]:
    """Hold the files of loads against their hashes, while the caller reads them.

    It is known before the first read whether they are there in full. Their hashes are taken
    beside the reading, which costs no time where a core is free; what failed because of other
    bytes is told as that.

    Raises:
        StorageError: a file is gone, or its bytes are not those that landed.
    """
    _require_none([(load, found) for load in loads if (found := _look(lake, load))], lake)
    with ThreadPoolExecutor(max_workers=1) as pool:
        changed = pool.submit(_find_changed, lake, loads)
        try:
            yield
        except Exception:
            _require_none(changed.result(), lake)
            raise
        _require_none(changed.result(), lake)


def _look(lake: Path, load: Load) -> str:
    try:
        size = (lake / load.landed_path).stat().st_size
    except FileNotFoundError:
        return "is gone"
    return "" if size == load.size_bytes else f"has {size:,} bytes: {load.size_bytes:,} landed"


def _find_changed(lake: Path, loads: Sequence[Load]) -> list[tuple[Load, str]]:
    hashes = {load.landed_path: load.sha256 for load in loads}
    changed = set()
    for path, sha256 in hashes.items():
        with (lake / path).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                changed.add(path)
    return [(each, "has other bytes than landed") for each in loads if each.landed_path in changed]


def _require_none(changed: Sequence[tuple[Load, str]], lake: Path) -> None:
    if changed:
        load, found = changed[0]
        others = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
        raise StorageError(
            f"the landed file of load {load.load_id} ({load.source_name}){others} {found}",
            where=str(lake / load.landed_path),
            todo="put it back from a backup: its name is the SHA-256 of its bytes; a load that is"
            f" in no release can be left out, `assay loads skip {load.load_id} --why '…'`, and"
            " delivered again",
        )
