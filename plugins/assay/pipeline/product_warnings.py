"""What a person should know of a product now, whatever its last run came to."""

from __future__ import annotations

from collections.abc import Collection

from assay.errors import ContractError
from assay.pipeline.overdue import find_overdue
from assay.pipeline.project import Project
from assay.pipeline.support import support_warnings

Told = tuple[str, str, str]


def read_warnings(project: Project, product: str, told: Collection[Told] = ()) -> tuple[str, ...]:
    """Say which tables are older than agreed, and whose support ends or has ended.

    Args:
        told: checks of which a person is told already, as table, check and column.
    """
    now = project.clock()
    try:
        support = support_warnings(project.contracts(product), now.date())
        overdue = find_overdue(project, product, now)
    except ContractError as error:
        return (f"the contracts of {product} cannot be read: {error.what}",)
    late = [each for each in overdue if (str(each.table), each.check, each.column) not in told]
    return (*support, *(each.what for each in late))
