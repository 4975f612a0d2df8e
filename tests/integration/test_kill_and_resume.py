"""A run that is killed anywhere and run again ends in the state of one that nobody disturbed."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from killing import (
    Child,
    State,
    in_child,
    read_state,
    resume_fresh,
    resume_same_run,
    run_killed,
)
from small_product import SmallProduct, make_small_product

FIRST = {
    "clicks": "at,page,visits\n2024-01-01T00:00:00Z,home,3\n2024-01-01T00:00:00Z,home,3\n",
    "orders": "order,item,price\n1,pen,1.50\n2,ink,-1\n1,pen,1.5\n3,cap,2\n",
    "stock": (
        "sku,place,qty,changed_at\n"
        "pen,north,1,2024-01-01T00:00:00Z\npen,south,2,2024-01-01T00:00:00Z\n"
        "ink,north,3,2024-01-01T00:00:00Z\nink,south,4,2024-01-01T00:00:00Z\n"
        "cap,north,5,2024-01-01T00:00:00Z\ncap,south,x,2024-01-01T00:00:00Z\n"
    ),
    "places": "place,city\nnorth,Oslo\nsouth,Rome\n",
}
SECOND = {
    "clicks": FIRST["clicks"].replace("home", "cart"),
    "orders": "order,item,price\n4,pad,4\n1,pen,9\n3,cap,2.00\n",
    "stock": (
        "sku,place,qty,changed_at\n"
        "pen,north,7,2024-01-02T00:00:00Z\npen,north,8,2024-01-03T00:00:00Z\n"
        "new,north,9,2024-01-03T00:00:00Z\n"
    ),
    "places": "place,city\nnorth,Bergen\nwest,Lima\n",
}


@dataclass(frozen=True)
class Scene:
    """What is there before a run, and how the run ends when nobody disturbs it."""

    product: SmallProduct
    lake_before: Path
    before: State
    after: State
    labels: list[str]

    def reset(self) -> None:
        shutil.rmtree(self.product.lake, ignore_errors=True)
        if self.lake_before.exists():
            shutil.copytree(self.lake_before, self.product.lake)


def deliver(product: SmallProduct, name: str, files: dict[str, str], minute: int) -> None:
    for table, text in files.items():
        product.deliver(table, f"{name}.csv", text, minute)


def set_first_run(product: SmallProduct) -> None:
    deliver(product, "a", FIRST, 0)


def set_second_run(product: SmallProduct) -> None:
    set_first_run(product)
    in_child(resume_fresh)
    deliver(product, "b", SECOND, 1)


def set_second_run_after_a_failure(product: SmallProduct) -> None:
    """The newest version of each table is a candidate of a run that never published."""
    set_second_run(product)
    ended = Child(run_killed, ("after overwrite commit", 4)).end()
    assert ended.exit_code == -signal.SIGKILL


def set_rebuild(product: SmallProduct) -> None:
    set_second_run(product)
    in_child(resume_fresh)
    for entity in ("clicks", "orders", "stock", "places"):
        path = product.model_path(f"stg_shop__{entity}")
        path.write_text("-- edited\n" + path.read_text())
    product.deliver("orders", "c.csv", "order,item,price\n5,pad,4\n", 2)


SCENES: dict[str, Callable[[SmallProduct], None]] = {
    "first_run": set_first_run,
    "second_run": set_second_run,
    "second_run_after_a_failure": set_second_run_after_a_failure,
    "rebuild": set_rebuild,
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scene]:
    made: dict[str, Scene] = {}

    def get(name: str) -> Scene:
        if name not in made:
            made[name] = _make(name, tmp_path_factory.mktemp(name))
        return made[name]

    return get


def _make(name: str, root: Path) -> Scene:
    with pytest.MonkeyPatch.context() as patch:
        product = make_small_product(root, patch, tuple(FIRST))
        SCENES[name](product)
        kept = root / "kept"
        if product.lake.exists():
            shutil.copytree(product.lake, kept)
        before = in_child(read_state)
        labels = in_child(run_killed, None)
        return Scene(product, kept, before, in_child(read_state), labels)


def _spread(labels: list[str]) -> list[int]:
    """Six positions over the whole run, each just before or just after a write."""
    return [(2 * n + 1) * len(labels) // 12 for n in range(6)]


def check_killed_at(scene: Scene, position: int, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("ASSAY_PROJECT", str(scene.product.root))
    patch.setenv("ASSAY_LAKE", str(scene.product.lake))
    patch.setenv("ASSAY_DELIVERIES", str(scene.product.root / "deliveries"))
    patch.setenv("ASSAY_THREADS", "1")
    scene.reset()
    place = f"{position}: {scene.labels[position]}"
    killed = Child(run_killed, position).end()
    assert (killed.exit_code, killed.error) == (-signal.SIGKILL, ""), place
    between = in_child(read_state)
    assert between in (scene.before, scene.after), place
    in_child(resume_fresh if position % 2 else resume_same_run)
    assert in_child(read_state) == scene.after, place


def test_the_scenes_reach_every_kind_of_write(scenes: Callable[[str], Scene]) -> None:
    kinds = {
        name: {label.removeprefix("before ") for label in scenes(name).labels if "before" in label}
        for name in SCENES
    }
    always = {
        "append commit",
        "candidate noted",
        "data files",
        "merge",
        "overwrite commit",
        "record appended",
        "rename",
        "rmtree",
        "unlink",
        "write_text",
    }
    assert kinds["first_run"] == always - {"append commit"} | {"record table created"}
    assert kinds["second_run"] == always
    assert kinds["rebuild"] >= always - {"append commit"}
    assert kinds["second_run_after_a_failure"] == always | {"restore"}


def test_a_failed_run_before_it_changes_nothing_about_a_run(
    scenes: Callable[[str], Scene],
) -> None:
    assert scenes("second_run_after_a_failure").after == scenes("second_run").after


@pytest.mark.parametrize(("name", "first"), [("first_run", 2), ("second_run", 0), ("rebuild", 1)])
def test_killed_and_run_again(
    scenes: Callable[[str], Scene], name: str, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scenes(name)
    for position in _spread(scene.labels)[first::3][:2]:
        check_killed_at(scene, position, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("name", SCENES)
def test_killed_anywhere_and_run_again(
    scenes: Callable[[str], Scene], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scenes(name)
    for position in range(len(scene.labels)):
        check_killed_at(scene, position, monkeypatch)
