"""A change within an object or an array is classified as that of a column is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from contract_diffs import (
    Edit,
    diff,
)
from contract_files import Document, column, schema


def nested(**changes: object) -> Edit:
    """Add an object with an array in it; changes are those of the array's items."""

    def edit(document: Document) -> None:
        item = {"logicalType": "string", "logicalTypeOptions": {"maxLength": 5}} | changes
        lines = {"name": "lines", "logicalType": "array", "items": item}
        lines["logicalTypeOptions"] = {"maxItems": 5, "uniqueItems": True}
        options = {"required": ["lines"]}
        note = {"name": "note", "logicalType": "string"}
        schema(document)["properties"].append(
            {
                "name": "basket",
                "logicalType": "object",
                "logicalTypeOptions": options,
                "properties": [note, lines],
            }
        )

    return edit


def within(change: Callable[[Document], object]) -> Edit:
    """Change the object that `nested` adds."""

    def edit(document: Document) -> None:
        nested()(document)
        change(column(document, "basket"))

    return edit


def part_added(**said: object) -> Callable[[Document], object]:
    part = {"name": "more", "logicalType": "string", "logicalTypeOptions": {"maxLength": 1}}
    return lambda basket: basket["properties"].append(part | said)


@pytest.mark.parametrize(
    ("edit", "what", "broken"),
    [
        (within(part_added()), "column 'basket': its part 'more' is added", ""),
        (
            within(lambda basket: basket["properties"].reverse()),
            "column 'basket': its parts stand in another order",
            "",
        ),
        (
            within(part_added(required=True)),
            "column 'basket': its part 'more' is added, and required",
            "producers",
        ),
        (
            within(lambda basket: basket["properties"].pop(0)),
            "column 'basket': its part 'note' is removed",
            "consumers producers",
        ),
        (
            within(lambda basket: basket["properties"][0].update(required=True)),
            "column 'basket': its part 'note' is required",
            "producers",
        ),
        (
            within(lambda basket: basket["properties"][0].update(physicalName="Note")),
            "column 'basket': its part 'note' is read from 'Note', before it was 'note'",
            "producers",
        ),
        (
            within(lambda basket: basket["logicalTypeOptions"].update(required=["lines", "note"])),
            "required of column 'basket' is tightened from ['lines'] to ['lines', 'note']",
            "producers",
        ),
        (
            within(lambda b: b["properties"][1]["logicalTypeOptions"].update(maxItems=9)),
            "maxItems of column 'basket.lines' is loosened from 5 to 9",
            "consumers",
        ),
        (
            within(lambda b: b["properties"][1]["logicalTypeOptions"].update(uniqueItems=False)),
            "uniqueItems of column 'basket.lines' is loosened from True to False",
            "consumers",
        ),
        (
            nested(logicalTypeOptions={"maxLength": 4}),
            "maxLength of column 'basket.lines.items' is tightened from 5 to 4",
            "producers",
        ),
        (
            nested(enum=[{"value": "a"}]),
            "the list of values of column 'basket.lines.items' is added",
            "producers",
        ),
        (
            nested(logicalType="integer", logicalTypeOptions={}),
            "column 'basket': its part 'lines': its part 'items': its type is changed from"
            " varchar to bigint",
            "consumers producers",
        ),
    ],
)
def test_a_change_within_a_nested_column_is_classified(edit: Edit, what: str, broken: str) -> None:
    changes = diff(nested(), edit).changes
    assert (what, broken) in [(each.what, " ".join(each.breaks)) for each in changes]
    assert len(changes) == 1 + what.endswith("to bigint")


def rows_of_cells(**changes: object) -> Edit:
    """Add an array of arrays of objects; changes are those of the objects' one property."""

    def edit(document: Document) -> None:
        cell = {"name": "cell", "logicalType": "string"} | changes
        row = {"logicalType": "array", "items": {"logicalType": "object", "properties": [cell]}}
        schema(document)["properties"].append(
            {"name": "rows", "logicalType": "array", "items": row}
        )

    return edit


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (
            within(lambda basket: basket["properties"][0].update(description="A note.")),
            "properties.basket.properties.note",
        ),
        (nested(description="One line."), "properties.basket.properties.lines.items"),
        (
            rows_of_cells(description="One cell."),
            "properties.rows.items.items.properties.cell",
        ),
    ],
    ids=["of an object", "of an array", "of an array of arrays"],
)
def test_the_text_of_a_part_is_a_text(edit: Edit, path: str) -> None:
    before = rows_of_cells() if "rows" in path else nested()
    (found,) = diff(before, edit).changes
    assert (found.what, found.is_text) == (f"schema.orders.{path}.description is changed", True)


def test_a_column_is_no_custom_property_of_its_name() -> None:
    def watched(text: str) -> Edit:
        part = {"name": "layer", "logicalType": "string", "description": text}
        added = {"name": "watch", "logicalType": "object", "properties": [part]}
        return lambda document: schema(document)["properties"].append(added)

    (found,) = diff(watched("Old."), watched("New.")).changes
    path = "schema.orders.properties.watch.properties.layer.description"
    assert (found.what, found.is_text) == (f"{path} is changed", True)
