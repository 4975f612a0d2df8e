"""Who owns a contract, and what it says of its end, is read or refused."""

from __future__ import annotations

import pytest
from contract_files import ContractFolder, Document

from assay.errors import ContractError

SCIENTIST = {"username": "eve", "role": "Data Scientist"}
GONE = {"username": "ada", "role": "Owner", "dateOut": "2022-10-01"}
OWNER = {"username": "joan", "name": "Joan", "role": "owner"}


@pytest.mark.parametrize(
    ("team", "owner"),
    [
        ({"name": "us", "members": [OWNER]}, "us"),
        ({"members": [SCIENTIST, GONE, OWNER]}, "Joan"),
        ([SCIENTIST, GONE, OWNER], "Joan"),
        ([SCIENTIST, GONE], "ada"),
        ([SCIENTIST], ""),
        ({"members": []}, ""),
    ],
)
def test_the_owner_is_the_team_or_its_member_of_that_role(
    contracts: ContractFolder, team: object, owner: str
) -> None:
    assert contracts.read(lambda document: document.update(team=team)).owner == owner


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            {"slaProperties": [{"property": "endOfSupport", "value": "soon"}]},
            "endOfSupport is 'soon': expected a day such as 2027-03-31",
        ),
        (
            {"slaProperties": [{"property": "endOfSupport", "value": "2027-03-31"}] * 2},
            "endOfSupport stands twice in slaProperties",
        ),
        (
            {"customProperties": [{"property": "migrationNotes", "value": "Read it."}]},
            "migrationNotes is 'Read it.': expected a mapping of versions to texts",
        ),
        (
            {"customProperties": [{"property": "migrationNotes", "value": {"2.0.0": " "}}]},
            "migrationNotes is {'2.0.0': ' '}: expected a mapping of versions to texts",
        ),
    ],
)
def test_an_end_of_support_and_notes_that_cannot_be_read(
    contracts: ContractFolder, change: Document, what: str
) -> None:
    with pytest.raises(ContractError) as refused:
        contracts.read(lambda document: document.update(change))
    assert refused.value.what == what
