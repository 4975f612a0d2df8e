"""Objects and arrays from JSON texts to silver and gold, through dbt, Delta and the audits."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_product import PRODUCT, SmallProduct, make_small_product, write_text

from assay.contracts import read_contracts, staging_model, staging_scaffold
from assay.errors import AuditFailed, LoadRefused

GOOD = {
    "Street Name": "Main St",
    "zip": "10001",
    "geo": {"lat": 1.5, "seen_at": "2024-01-01T10:00:00+01:00"},
}
PARCELS = {
    "name": "parcels",
    "logicalType": "object",
    "description": "Parcels.",
    "customProperties": [{"property": "deliveryMode", "value": "upsert"}],
    "properties": [
        {"name": "id", "logicalType": "integer", "primaryKey": True, "primaryKeyPosition": 1},
        {
            "name": "target",
            "logicalType": "object",
            "required": True,
            "properties": [
                {"name": "street", "physicalName": "Street Name", "logicalType": "string"},
                {
                    "name": "zip",
                    "logicalType": "string",
                    "required": True,
                    "logicalTypeOptions": {"pattern": "[0-9]{5}"},
                },
                {
                    "name": "geo",
                    "logicalType": "object",
                    "properties": [
                        {"name": "lat", "logicalType": "number"},
                        {"name": "seen_at", "logicalType": "timestamp"},
                    ],
                },
            ],
        },
        {
            "name": "tags",
            "logicalType": "array",
            "logicalTypeOptions": {"maxItems": 2, "uniqueItems": True},
            "items": {"logicalType": "string", "logicalTypeOptions": {"maxLength": 3}},
        },
        {
            "name": "lines",
            "logicalType": "array",
            "items": {
                "logicalType": "object",
                "properties": [
                    {"name": "sku", "logicalType": "string"},
                    {"name": "price", "logicalType": "number", "physicalType": "decimal(10, 2)"},
                ],
            },
        },
    ],
}
GOLD: dict[str, Any] = {
    "name": "fct_parcels",
    "logicalType": "object",
    "description": "Parcels.",
    "customProperties": [{"property": "layer", "value": "gold"}],
    "properties": [
        {"name": "id", "logicalType": "integer", "primaryKey": True, "primaryKeyPosition": 1},
        {
            "name": "goal",
            "logicalType": "object",
            "properties": [
                {"name": "zip", "logicalType": "string"},
                {"name": "lat", "logicalType": "number", "logicalTypeOptions": {"maximum": 90}},
            ],
        },
        {
            "name": "prices",
            "logicalType": "array",
            "items": {
                "logicalType": "number",
                "physicalType": "decimal(10, 2)",
                "logicalTypeOptions": {"minimum": 0},
            },
        },
    ],
}
MODEL = """select
    id,
    struct_pack(zip := target.zip, lat := target.geo.lat) as goal,
    list_transform(lines, lambda line : line.price) as prices
from {{ ref('shop__parcels') }}
"""


def write(shop: SmallProduct, schema: dict[str, Any]) -> None:
    table = schema["name"]
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"shop.{table}",
        "name": table,
        "version": "1.0.0",
        "status": "active",
        "team": {"name": "shopkeepers"},
        "schema": [schema],
    }
    if table == "parcels":
        server = {"server": "deliveries", "type": "local", "format": "csv"}
        document["servers"] = [server | {"path": f"{PRODUCT}/{table}/*.csv"}]
    write_text(shop.contract_path(table), yaml.safe_dump(document, sort_keys=False))


@pytest.fixture
def shop(product_folder: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProduct:
    found = make_small_product(product_folder, monkeypatch, ("places",))
    write(found, PARCELS)
    write(found, GOLD)
    models = found.root / "dbt_project" / "models"
    contracts = read_contracts(found.root / "contracts", PRODUCT)
    (parcels,) = [each for each in contracts if each.table == "parcels"]
    write_text(
        models / "silver" / PRODUCT / f"{staging_model(parcels)}.sql", staging_scaffold(parcels)
    )
    write_text(models / "gold" / PRODUCT / "fct_parcels.sql", MODEL)
    found.compile()
    return found


def deliver(shop: SmallProduct, name: str, rows: list[tuple[object, ...]], minute: int) -> None:
    """Deliver parcels: of each row its id and its three JSON values, texts as they are."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "target", "tags", "lines"])
    for key, *values in rows:
        writer.writerow([key, *(v if isinstance(v, str) else json.dumps(v) for v in values)])
    shop.deliver("parcels", name, text.getvalue(), minute)


def broken(shop: SmallProduct, run_id: str = "") -> dict[int, list[str]]:
    """The rules that each quarantined row broke, by its number."""
    rows = shop.query(
        "select _row_number, _rules_broken from quarantine.shop__parcels order by all", run_id
    )
    return {int(str(number)): list(rules) for number, rules in rows}  # type: ignore[call-overload]


def test_objects_and_arrays_come_to_silver_and_gold(shop: SmallProduct) -> None:
    lines = [{"sku": "a", "price": 1.10}, {"price": "2.25"}, None]
    deliver(shop, "1.csv", [(1, GOOD, ["x", "y"], lines), (2, {"zip": "10002"}, "", [])], 1)
    shop.release()
    seen = datetime(2024, 1, 1, 9, tzinfo=UTC)
    assert shop.query("select id, target, tags, lines from silver.shop__parcels order by id") == [
        (
            1,
            {"street": "Main St", "zip": "10001", "geo": {"lat": 1.5, "seen_at": seen}},
            ["x", "y"],
            [
                {"sku": "a", "price": Decimal("1.10")},
                {"sku": None, "price": Decimal("2.25")},
                None,
            ],
        ),
        (2, {"street": None, "zip": "10002", "geo": None}, None, []),
    ]
    assert shop.query("from gold.fct_parcels order by id") == [
        (1, {"zip": "10001", "lat": 1.5}, [Decimal("1.10"), Decimal("2.25"), None]),
        (2, {"zip": "10002", "lat": None}, []),
    ]


def test_what_does_not_fit_goes_to_quarantine_as_it_was_delivered(shop: SmallProduct) -> None:
    texts = ['{"zip": "10001", "zip": "10002"}', '{"zip": "1", "more": 1}', "{zip}", "null"]
    rows: list[tuple[object, ...]] = [(n, text, "[]", "[]") for n, text in enumerate(texts, 1)]
    rows += [
        (5, {"zip": "1000"}, ["abcd", "abcd", "x"], [{"price": 1.255}]),
        (6, {"Street Name": "x"}, "", '[{"sku": 5}]'),
        (7, "", ["a"], ""),
        (8, GOOD, [], []),
    ]
    deliver(shop, "1.csv", rows, 1)
    shop.release()
    assert broken(shop) == {
        1: ["target_type"],
        2: ["target_type"],
        3: ["target_type"],
        4: ["target_type"],
        5: [
            "lines_type",
            "target_zip_pattern",
            "tags_maximum_items",
            "tags_unique_items",
            "tags_items_maximum_length",
        ],
        6: ["lines_type", "target_zip_required"],
        7: ["target_required"],
    }
    assert shop.query(
        "select target from quarantine.shop__parcels where _row_number <= 4 order by _row_number"
    ) == [(text,) for text in texts]


def test_a_row_replaces_another_and_says_the_same_again(shop: SmallProduct) -> None:
    deliver(shop, "1.csv", [(1, GOOD, ["a"], []), (2, GOOD, [], [])], 1)
    deliver(shop, "2.csv", [(1, {"zip": "20000"}, ["b"], "")], 2)
    deliver(shop, "3.csv", [(2, GOOD, [], [])], 3)
    shop.release()
    assert shop.query("select id, target.zip, tags from silver.shop__parcels order by id") == [
        (1, "20000", ["b"]),
        (2, "10001", []),
    ]
    deliver(shop, "4.csv", [(1, GOOD, ["c"], "")], 4)
    shop.release()
    assert shop.query("select tags from silver.shop__parcels where id = 1") == [(["c"],)]


def test_a_gold_table_is_held_to_its_nested_rules(shop: SmallProduct) -> None:
    deliver(shop, "1.csv", [(1, GOOD, [], [{"price": -1}])], 1)
    with pytest.raises(AuditFailed, match="prices_items is at least 0"):
        shop.run()


def test_a_column_that_delivers_no_json_at_all_is_refused(shop: SmallProduct) -> None:
    deliver(shop, "1.csv", [(n, GOOD, "a;b", "") for n in range(30)], 1)
    with pytest.raises(LoadRefused, match="tags"):
        shop.run()


def test_a_part_that_the_contract_adds_comes_with_the_next_run(shop: SmallProduct) -> None:
    deliver(shop, "1.csv", [(1, GOOD | {"floor": 3}, [], []), (2, GOOD, [], [])], 1)
    shop.release()
    assert broken(shop) == {1: ["target_type"]}
    schema = json.loads(json.dumps(PARCELS))
    schema["properties"][1]["properties"].append({"name": "floor", "logicalType": "integer"})
    write(shop, schema)
    shop.compile()
    shop.release()
    assert broken(shop) == {}
    assert shop.query("select id, target.floor from silver.shop__parcels order by id") == [
        (1, 3),
        (2, None),
    ]
