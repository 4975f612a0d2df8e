"""How commands come to the project that they work on."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from assay.config import read_settings

if TYPE_CHECKING:
    from assay.pipeline import Project


def open_here() -> Project:
    """Open the project that the settings name.

    Raises:
        SettingsError: there is none.
    """
    settings = read_settings()
    from assay.pipeline import open_project

    return open_project(settings)


def require_product(project: Project, product: str) -> None:
    """Make sure that a product exists: it has a contract, or once was released.

    Raises:
        ContractError: it does not; names those that do.
    """
    from assay.contracts import list_products

    if product in list_products(project.settings.contracts_path):
        return
    if project.releases.current(product) is None:
        project.contracts(product)


def choose_products(project: Project, product: str) -> list[str]:
    """Return one product by name, or all of them where no name is given."""
    from assay.contracts import list_products

    if product:
        require_product(project, product)
        return [product]
    known = {*list_products(project.settings.contracts_path), *project.releases.current_of_all()}
    return sorted(known)


def current_user() -> str:
    """Name the person at the keyboard, for the records of what people decide."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
