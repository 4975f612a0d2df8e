"""What a contract says to people alone: it stands on its page, and nothing is checked by it.

Source: Open Data Contract Standard v3.1, "Fundamentals" (description), "Support and
Communication Channels", "Data Quality" (rules of type text).
"""

from __future__ import annotations

from collections.abc import Iterator

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, Support

from assay.domain import ForPeople


def read_for_people(odcs: OpenDataContractStandard, entity: SchemaObject) -> ForPeople:
    """Read a contract's texts for its readers."""
    said = odcs.description
    return ForPeople(
        purpose=((said and said.purpose) or "").strip(),
        limitations=((said and said.limitations) or "").strip(),
        usage=((said and said.usage) or "").strip(),
        channels=tuple(_channel(each) for each in odcs.support or ()),
        rules=tuple(_text_rules(entity)),
    )


def _channel(channel: Support) -> str:
    place = f" ({channel.url})" if channel.url else ""
    about = f": {channel.description.strip()}" if channel.description else ""
    return f"{channel.channel or channel.tool or ''}{place}{about}".strip()


def _text_rules(entity: SchemaObject) -> Iterator[str]:
    owners = [
        ("", entity.quality or []),
        *((c.name, c.quality or []) for c in entity.properties or []),
    ]
    for column, rules in owners:
        for rule in rules:
            text = (rule.description or rule.name or "").strip()
            if rule.type == "text" and text:
                yield f"{column}: {text}" if column else text
