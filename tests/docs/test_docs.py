"""The documentation names what there is, and nothing that is not."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
import yaml

from assay.cli.main import run as assay
from assay.config import setting_rows
from assay.contracts import read_contract
from assay.errors import ContractError

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), *(ROOT / f for f in ("README.md", "CONTRIBUTING.md"))]
)
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", flags=re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# Folders whose contents git does not know: nothing to check there.
_MADE = ("lake", "lake-dev", "deliveries", "airflow-home", "samples", ".assay", ".venv", ".env")


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()


def without_generated() -> str:
    """Everything that a person wrote."""
    return "\n".join(text for page, text in TEXT.items() if page not in GENERATOR.render_pages())


@pytest.mark.parametrize("page", GENERATOR.render_pages(), ids=lambda page: page.name)
def test_generated_pages_are_current(page: Path) -> None:
    text = GENERATOR.render_pages()[page]
    assert page.read_text(encoding="utf-8") == text, "run `make docs` and commit what it writes"


def test_every_command_is_named() -> None:
    names = [
        name
        for name, command, _ in GENERATOR.walk_commands()
        if not isinstance(command, click.Group)
    ]
    assert len(names) >= 12
    written = without_generated()
    # A default command is written without its own name: `assay loads shop`.
    shown = {name: name.removesuffix(" list") for name in names}
    assert [name for name, text in shown.items() if text not in written] == []


def test_every_setting_is_named() -> None:
    everything = "\n".join(TEXT.values())
    variables = {variable for variable, _, _ in setting_rows()}
    folders = ("plugins", "deploy", ".github", ".ci")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    for file in (*files, ROOT / "docker-compose.yml", ROOT / "Makefile"):
        if file.suffix not in (".pyc", ".json"):
            found = re.findall(r"\b(?:ASSAY|VAULT)_[A-Z_]+[A-Z]\b|\bOPA_URL\b", file.read_text())
            variables |= set(found)
    # Vault's own token: given to the one-shot set-up of the compose stack by `.env`.
    variables -= {"VAULT_TOKEN", "VAULT_DEV_ROOT_TOKEN_ID", "VAULT_ROOT_TOKEN"}
    assert sorted(name for name in variables if f"`{name}" not in everything) == []


def test_every_make_target_is_named_and_no_other() -> None:
    targets = {name for name, _ in GENERATOR.make_targets()}
    everything = "\n".join(TEXT.values())
    assert sorted(t for t in targets if f"make {t}" not in everything) == []
    code = re.findall(r"`([^`\n]+)`", everything) + [line for _, _, line in shown_lines()]
    named = {word for text in code for word in re.findall(r"^(?:\$ )?make ([a-z]+)", text)}
    assert named - targets == set()


def links() -> Iterator[tuple[Path, str]]:
    for page, text in {**TEXT, ROOT / "CHANGELOG.md": read("CHANGELOG.md")}.items():
        for target in _LINK.findall(_FENCE.sub("", text)):
            if not target.startswith(("http://", "https://")):
                yield page, target


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    broken = []
    found = list(links())
    assert len(found) > 50
    for page, target in found:
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        is_there = file.exists()
        if is_there and anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            is_there = anchor in {slug(heading) for heading in headings}
        if not is_there:
            broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_page_is_in_an_index() -> None:
    """The pages of contracts stand in their product's own: a new product edits no other."""
    index = ROOT / "docs" / "README.md"
    of_products = set((ROOT / "docs" / "contracts").glob("*/README.md"))
    assert of_products
    indexes = {index, *of_products}
    linked = {(p.parent / t.partition("#")[0]).resolve() for p, t in links() if p in indexes}
    written = {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - indexes
    assert sorted(written - linked) == []
    assert ROOT / "docs" / "contracts" in linked


def shown_lines() -> Iterator[tuple[str, str, str]]:
    """Yield (page, language, line) of fenced blocks; a line that goes on is joined."""
    for page, text in TEXT.items():
        for _, language, body in _FENCE.findall(text):
            for line in body.replace("\\\n", " ").splitlines():
                yield page.relative_to(ROOT).as_posix(), language, line


def command_lines() -> list[tuple[str, str]]:
    """List (page, command line) of every `assay …` that a reader could type."""
    found = []
    for page, text in TEXT.items():
        if page in GENERATOR.render_pages():
            continue
        name = page.relative_to(ROOT).as_posix()
        bodies = [body for _, language, body in _FENCE.findall(text) if language in ("", "bash")]
        for body in bodies:
            typed = re.findall(
                r"^(?:\$ )?((?:\w+=\S+ )*assay [a-z](?:[^\"'\n]|\"[^\"]*\"|'[^']*')*)$",
                body.replace("\\\n", " "),
                flags=re.MULTILINE,
            )
            found += [(name, line) for line in typed]
        found += [
            (name, code)
            for code in re.findall(r"`(assay [a-z][^`\n]*)`", _FENCE.sub("", text))
            if "<" not in code and "…`" not in code
        ]
    return found


def test_every_command_line_shown_is_understood() -> None:
    found = command_lines()
    assert len(found) > 40
    wrong = []
    for page, line in found:
        words = shlex.split(re.sub(r"^(\w+=\S+ )*assay ", "", line))
        try:
            parse(assay, words)
        except click.ClickException as error:
            wrong.append(f"{page}: {line}: {error.format_message()}")
    assert wrong == []


def parse(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """Take a command line apart as click would, without running anything.

    Raises:
        click.ClickException: no such command or option, or an argument is missing.
    """
    context = command.make_context(command.name or "assay", list(words), parent=parent)
    if not isinstance(command, click.Group):
        return
    rest = [*context._protected_args, *context.args]
    if not rest:
        return
    _, child, more = command.resolve_command(context, rest)
    if child is not None and (more or not is_naming(child)):
        parse(child, more, context)


def is_naming(command: click.Command) -> bool:
    """A command named without what it needs, as in running text: `assay rollback`."""
    return isinstance(command, click.Group) or any(p.required for p in command.params)


def test_a_wrong_command_line_is_found() -> None:
    for line in ("assay publish shop", "assay run shop --now", "assay loads skip x"):
        with pytest.raises(click.ClickException):
            parse(assay, line.split()[1:])


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_no_file_is_mentioned_that_does_not_exist(page: Path) -> None:
    top = {path.name for path in ROOT.iterdir()} | {"plugins", "docs", "tests", "benchmarks"}
    mentioned = re.findall(r"`([\w.\-]+/[\w.\-/]*|[\w.\-]+\.(?:md|py|yml|toml|lock))`", TEXT[page])
    missing = [
        text
        for text in mentioned
        if text.split("/")[0] in top - set(_MADE)
        and "shop" not in text
        and not (ROOT / text).exists()
    ]
    assert missing == []


def test_every_custom_property_is_in_the_reference(tmp_path: Path) -> None:
    """The reader names those that it knows when it meets one that it does not."""
    file = tmp_path / "p" / "t.odcs.yaml"
    file.parent.mkdir()
    schema = {
        "name": "t",
        "customProperties": [{"property": "nobody", "value": 1}],
        "properties": [{"name": "id", "logicalType": "integer"}],
    }
    head = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "p.t", "status": "active"}
    file.write_text(yaml.safe_dump({**head, "version": "1.0.0", "schema": [schema]}))
    with pytest.raises(ContractError) as refused:
        read_contract(file)
    known = re.findall(r"\b[a-z]+[A-Z][A-Za-z]*\b", refused.value.todo)
    assert len(known) >= 6
    page = TEXT[ROOT / "docs" / "reference" / "contracts.md"]
    assert [name for name in known if f"`{name}`" not in page] == []
