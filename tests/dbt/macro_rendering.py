"""Renders the project's macros and compiled models to plain DuckDB SQL, without starting dbt.

Only what dbt would hand the macros is stood in for here: `ref`, `scope`, `base_relation` and
the dispatch by engine. The SQL itself is the project's own; `tests/integration` runs it in dbt.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import jinja2
from jinja2.runtime import Context

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
FOLDERS = ("reading", "rows")


def render(text: str, names: Mapping[str, object]) -> str:
    """Render a template with every macro of the project in scope, and the given stand-ins."""
    jinja = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    return jinja.from_string(_macros() + text).render(
        {
            "return": lambda value: value,
            "adapter": SimpleNamespace(dispatch=_dispatch),
            "execute": True,
            **names,
        }
    )


@cache
def render_call(call: str) -> str:
    """Render one macro call, such as ``read_date('t', 'date')``."""
    return render("{{ " + call + " }}", {})


@jinja2.pass_context
def _dispatch(context: Context, name: str) -> object:
    return context.resolve(f"default__{name}")


@cache
def _macros() -> str:
    files = [file for folder in FOLDERS for file in sorted((MACROS / folder).glob("*.sql"))]
    return "".join(file.read_text("utf-8") for file in files)
