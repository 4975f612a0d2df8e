"""The rules of a domain, as they stand on disk: ``policies/<domain>/<rule>/*.rego``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.errors import PolicyError

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_PACKAGE = re.compile(r"^package[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_TITLE = re.compile(r"^#[ \t]*title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """One rule: its folder's name, the title of its annotations, and where engines find it."""

    name: str
    title: str
    package: str


@dataclass(frozen=True)
class RuleSet:
    """All rules of one domain. ``modules`` maps a path under the policies' folder to its text."""

    domain: str
    rules: tuple[Rule, ...]
    modules: Mapping[str, str]


def read_rules(policies: Path, domain: str) -> RuleSet:
    """Read every rule of a domain, in the order of their names.

    Raises:
        PolicyError: there is no rule, or something there would silently not be evaluated: a
            folder without a policy, a policy outside a rule's folder, a package that is not
            its path.
    """
    folder = policies / domain
    if not _NAME.match(domain) or not folder.is_dir():
        raise _no_rules(folder)
    modules: dict[str, str] = {}
    rules = []
    for each in sorted(folder.iterdir()):
        if each.is_dir() and not each.name.startswith((".", "_")):
            own = _read_rule_modules(each, f"{domain}.{each.name}")
            modules.update({path.relative_to(policies).as_posix(): own[path] for path in own})
            rules.append(_describe(each.name, domain, own))
    if not rules:
        raise _no_rules(folder)
    _refuse_strays(folder, policies, modules)
    return RuleSet(domain, tuple(rules), modules)


def _read_rule_modules(folder: Path, package: str) -> dict[Path, str]:
    if not _NAME.match(folder.name):
        raise PolicyError(
            f"the rule's folder is named '{folder.name}': expected lower-case letters, digits"
            " and underscores",
            where=str(folder),
            todo="rename the folder and the package in its policy",
        )
    texts = {path: _read_text(path) for path in sorted(folder.glob("*.rego"))}
    if not texts:
        raise PolicyError(
            f"the rule '{folder.name}' has no policy: expected {folder.name}.rego",
            where=str(folder),
            todo="restore the policy, or remove the folder to remove the rule",
        )
    for path, text in texts.items():
        found = _PACKAGE.findall(text)
        if found != [package]:
            raise PolicyError(
                f"the package is '{', '.join(found)}', expected '{package}' as its path says",
                where=str(path),
                todo=f"write 'package {package}'",
            )
    return texts


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"a policy could not be read: {error}", where=str(path)) from error


def _describe(name: str, domain: str, texts: Mapping[Path, str]) -> Rule:
    titles = [title for text in texts.values() for title in _TITLE.findall(text)]
    return Rule(name, titles[0] if titles else name, f"{domain}.{name}")


def _refuse_strays(folder: Path, policies: Path, modules: Mapping[str, str]) -> None:
    for path in sorted(folder.rglob("*.rego")):
        if path.relative_to(policies).as_posix() not in modules:
            raise PolicyError(
                "a policy lies outside a rule's folder and would not be evaluated",
                where=str(path),
                todo=f"move it to {folder.name}/<rule>/<rule>.rego",
            )


def _no_rules(folder: Path) -> PolicyError:
    return PolicyError(
        f"no policy rule was found for '{folder.name}': without rules nothing is allowed",
        where=str(folder),
        todo=f"add {folder.name}/<rule>/<rule>.rego, or restore the ones that were there",
    )
