"""Each change of a contract names its line: in the new file, in the old one of what is gone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from assay.contracts.changes import compare_contracts, read_source

FILE = Path("contracts/shop/orders.odcs.yaml")
OLD = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.0.0
status: active
servers:
  - {server: in, type: local, path: "shop/*.csv", format: csv}
slaProperties:
  - {property: latency, value: 4, unit: h}
schema:
  - name: orders
    customProperties:
      - {property: deliveryMode, value: append}
      - property: watch
        value:
          day: day
          measures:
            - {measure: rows}
    properties:
      - name: id
        logicalType: integer
        primaryKey: true
      - name: note
        logicalType: string
      - name: price
        logicalType: number
        logicalTypeOptions:
          minimum: 0
      - name: day
        logicalType: date
        quality:
          - {metric: nullValues, mustBe: 0, name: has_day}
"""
NEW = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.orders
version: 1.0.0
status: active
team: {name: shopkeepers}
servers:
  - server: in
    type: local
    path: other/*.csv
    format: csv
slaProperties:
  - {property: volume, value: 1, unit: rows}
  - {property: latency, value: 8, unit: h}
schema:
  - name: orders
    customProperties:
      - {property: deliveryMode, value: snapshot}
      - property: watch
        value:
          day: day
          measures:
            - {measure: rows}
            - measure: newCategories
              column: id
    properties:
      - name: id
        logicalType: integer
        physicalType: integer
        primaryKey: true
      - name: price
        logicalType: number
        required: true
        logicalTypeOptions:
          minimum: 1
      - name: day
        logicalType: date
        description: The day.
"""


def _lines(old: str, new: str) -> list[tuple[int | None, str, str]]:
    sides = [[read_source(FILE, text.encode())] for text in (old, new)]
    (found,) = compare_contracts(*sides, date(2026, 1, 1))
    return [(each.line, "old" if each.is_old else "new", each.what) for each in found.changes]


def test_a_change_names_its_line() -> None:
    assert _lines(OLD, NEW) == [
        (23, "old", "column 'note' is removed"),
        (29, "new", "column 'id': its type is narrowed from bigint to integer"),
        (33, "new", "column 'price' is required"),
        (35, "new", "minimum of column 'price' is tightened from 0 to 1"),
        (32, "old", "the rule 'has_day' of column 'day' is removed"),
        (24, "new", "the watch for newCategories of 'id' is added"),
        (18, "new", "deliveryMode is snapshot, before it was append"),
        (8, "new", "the server 'in': its path is other/*.csv, before it was shop/*.csv"),
        (14, "new", "the service level latency is 8 h, before it was 4 h"),
        (13, "new", "the service level volume is added: 1 rows"),
        (6, "new", "team.name is changed"),
        (38, "new", "schema.orders.properties.day.description is changed"),
    ]


def test_what_is_gone_names_its_line_in_the_old_file() -> None:
    found = {what: (line, side) for line, side, what in _lines(NEW, OLD)}
    assert found["the watch for newCategories of 'id' is removed"] == (24, "old")
    assert found["the service level volume is removed: it was 1 rows"] == (13, "old")
    assert found["team.name is changed"] == (6, "old")
    # Of an entry that lost a key the entry itself is named.
    assert found["column 'price' is no longer required"] == (25, "new")


def test_what_cannot_be_read_names_the_line_of_its_error() -> None:
    broken = NEW.replace("logicalType: number\n", "logicalType: numbr\n")
    assert [each[:2] for each in _lines(OLD, broken)] == [(32, "new")]
    assert [each[:2] for each in _lines(broken, OLD)] == [(32, "old")]


BASKET = """\
      - name: {name}
        physicalName: basket
        logicalType: object
        properties:
          - name: note
            logicalType: string
          - name: {part}
            logicalType: string
            required: true
"""


def test_a_part_of_an_object_names_its_own_line() -> None:
    before, after = (
        OLD + BASKET.format(name=name, part=part)
        for name, part in (("basket", "less"), ("trolley", "more"))
    )
    assert _lines(before, after) == [
        (33, "new", "column 'basket' is renamed to 'trolley'"),
        (39, "old", "column 'trolley': its part 'less' is removed"),
        (39, "new", "column 'trolley': its part 'more' is added, and required"),
    ]
