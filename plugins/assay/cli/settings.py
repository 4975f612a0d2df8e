"""``assay settings``: every setting as it stands now."""

from __future__ import annotations

import re
from dataclasses import fields

import click

from assay.cli.text_table import format_table
from assay.config import read_settings, setting_rows

_SECRET = re.compile(r"SECRET_ID$|PASSWORD|TOKEN|ROLE_ID$|WEBHOOK_URL$")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")


@click.command("settings")
def settings() -> None:
    """List every setting, its value and what it means. Secrets are masked."""
    now = read_settings()
    values = {f.metadata["variable"]: getattr(now, f.name) for f in fields(now) if f.metadata}
    rows = [
        (
            variable,
            mask(variable, values[variable]) or "(empty)",
            "default" if values[variable] == default else "set",
            meaning,
        )
        for variable, default, meaning in setting_rows()
    ]
    click.echo(f"project: {now.project_root}\n")
    click.echo(format_table(("setting", "value", "from", "meaning"), rows))


def mask(variable: str, value: str) -> str:
    """Hide a value that is a secret, and the credentials inside an address."""
    if value and _SECRET.search(variable):
        return "***"
    return _CREDENTIALS.sub("//***@", value)
