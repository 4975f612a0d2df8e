"""Renders the project's macros and compiled models to plain DuckDB SQL, without starting dbt.

Only what dbt would hand the macros is stood in for here: `ref`, `scope`, `base_relation` and
the dispatch by engine. The SQL itself is the project's own; `tests/integration` runs it in dbt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import jinja2

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
FOLDERS = ("reading", "rows")


def environment(names: Mapping[str, object]) -> jinja2.Environment:
    """Return Jinja with every macro of the project in scope, and the given stand-ins."""
    jinja = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    jinja.globals.update({"return": lambda value: value, "execute": True, **names})
    found: dict[str, Callable[..., object]] = {}
    jinja.globals["adapter"] = SimpleNamespace(dispatch=lambda name: found[f"default__{name}"])
    for folder in FOLDERS:
        for file in sorted((MACROS / folder).glob("*.sql")):
            module = jinja.from_string(file.read_text("utf-8")).module
            for name, macro in vars(module).items():
                if isinstance(macro, jinja2.runtime.Macro):
                    found[name] = macro
    jinja.globals.update({n: m for n, m in found.items() if n not in names})
    return jinja


@cache
def render_call(call: str) -> str:
    """Render one macro call, such as ``read_date('t', 'date')``."""
    return environment({}).from_string("{{ " + call + " }}").render()
