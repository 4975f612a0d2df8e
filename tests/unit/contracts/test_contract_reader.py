"""Contracts are read whole, or refused with file, place, what was found and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from contract_files import ContractFolder, Document, column, custom, says, schema

from assay.contracts import read_contract
from assay.domain import Column, Contract, DeliveryMode, Layer, Server, ServiceLevel, Sla, SlaKind
from assay.errors import ContractError

FILE = "contracts/shop/orders.odcs.yaml"
Change = Callable[[Document], object]


def _plain(name: str, kind: str, logical: str) -> Column:
    return Column(name, name, kind, logical, "")


def test_a_contract_is_read_whole(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        custom(document, "deliveryMode", "upsert")
        custom(document, "orderingColumn", "at")
        custom(document, "sourceSystem", "till")
        custom(document, "nullTexts", ["NA", ""])
        custom(document, "finalLineBreak", "optional")
        custom(document, "maxQuarantinedShare", 0.25)
        column(document, "status").update(
            physicalName="Order Status",
            description=" Where it is. ",
            required=True,
            unique=True,
            classification="restricted",
            customProperties=[{"property": "personalData", "value": True}],
        )
        document["status"] = "deprecated"
        document["slaProperties"] = [
            {"property": "latency", "value": 4, "unit": "h", "element": "orders.at"},
            {"property": "endOfSupport", "value": "2027-03-31T23:00:00-05:00"},
        ]
        document["customProperties"] = [
            {"property": "migrationNotes", "value": {"1.0.0": "Read `status`."}}
        ]
        document["servers"] = [
            {
                "server": "files",
                "environment": "local",
                "type": "local",
                "path": "shop/*.csv",
                "format": "csv",
                "customProperties": [{"property": "delimiter", "value": ";"}],
            },
            {
                "server": "db",
                "type": "postgres",
                "host": "db.shop",
                "port": 5433,
                "database": "till",
                "schema": "sales",
                "customProperties": [
                    {"property": "table", "value": "orders"},
                    {"property": "secret", "value": "shop/till"},
                ],
            },
        ]

    assert contracts.read(change) == Contract(
        product="shop",
        table="orders",
        layer=Layer.SILVER,
        version="1.2.0",
        owner="shopkeepers",
        description="Orders of the shop.",
        columns=(
            Column("id", "id", "bigint", "integer", "", required=True, key_position=1),
            Column(
                "status",
                "Order Status",
                "varchar",
                "string",
                "Where it is.",
                required=True,
                unique=True,
                classification="restricted",
                personal_data=True,
            ),
            _plain("price", "decimal(10, 2)", "number"),
            _plain("day", "date", "date"),
            _plain("at", "timestamp with time zone", "timestamp"),
        ),
        path=FILE,
        mode=DeliveryMode.UPSERT,
        ordering_column="at",
        source="till",
        null_texts=("NA", ""),
        is_final_line_break_optional=True,
        max_quarantined_share=0.25,
        servers=(
            Server("files", "local", "local", "shop/*.csv", ";", relation="public.", port=5432),
            Server(
                "db", "", "postgres", "", ",", "db.shop", 5433, "till", "sales.orders", "shop/till"
            ),
        ),
        tags=("retail",),
        grain="One row an order.",
        status="deprecated",
        service_levels=(
            ServiceLevel(
                "latency", 4, "h", "orders.at", judged=Sla(SlaKind.FRESHNESS, 14_400, "at")
            ),
        ),
        end_of_support=date(2027, 4, 1),
        migration_notes={"1.0.0": "Read `status`."},
    )


@pytest.mark.parametrize(
    ("mode", "has_key"),
    [("append", True), ("upsert", True), ("snapshot", True), ("snapshot", False)],
)
def test_a_database_may_deliver_what_is_not_doubled(
    contracts: ContractFolder, mode: str, has_key: bool
) -> None:
    def change(document: Document) -> None:
        _server(**TABLE)(document)
        custom(document, "deliveryMode", mode)
        if not has_key:
            column(document, "id").pop("primaryKey")

    assert [server.kind for server in contracts.read(change).servers] == ["postgres"]


def test_a_gold_table_needs_no_delivery(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        custom(document, "deliveryMode", None)
        custom(document, "layer", "gold")

    contract = contracts.read(change)
    assert (contract.layer, contract.mode, contract.key) == (Layer.GOLD, None, ("id",))


def _unset(name: str, key: str) -> Change:
    return lambda document: column(document, name).pop(key)


def _two(document: Document) -> None:
    document["schema"].append(dict(schema(document)))


def _server(**values: object) -> Change:
    return lambda document: document.update(servers=[{"server": "s", **values}])


def _keys(**positions: int | None) -> Change:
    def change(document: Document) -> None:
        for name, position in positions.items():
            column(document, name)["primaryKey"] = True
            if position is not None:
                column(document, name)["primaryKeyPosition"] = position

    return change


LOCAL = {"type": "local", "path": "x", "format": "csv"}
DATABASE = {"type": "postgres", "host": "h", "port": 5432, "database": "d", "schema": "s"}
TABLE = DATABASE | {"customProperties": [{"property": "table", "value": "orders"}]}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_unset("id", "logicalType"), "column 'id' has no logicalType"),
        (lambda d: d.update(apiVersion="v2.2.2"), "apiVersion is v2.2.2: expected version 3"),
        (_server(type="local", path="x", format="parquet"), "has files of the format 'parquet'"),
        (_two, "expected exactly one schema, named 'orders' as the file is; found: orders, orders"),
        (lambda d: schema(d).update(name="things"), "expected exactly one schema, named 'orders'"),
        (lambda d: d.update(schema=[]), "expected exactly one schema, named 'orders'"),
        (lambda d: schema(d).update(properties=[]), "no columns"),
        (
            lambda d: schema(d)["properties"].append({"name": "id", "logicalType": "date"}),
            "columns named twice: id",
        ),
        (
            says("status", physicalName="ID"),
            "the columns 'id' and 'status' are delivered under one name: 'ID'",
        ),
        (says("id", name="_load_id"), "'_load_id' cannot name a column"),
        (says("id", name="id\n"), "'id\\n' cannot name a column"),
        (says("id", name="Id"), "'Id' cannot name a column"),
        (says("id", name='i"d'), "'i\"d' cannot name a column"),
        (says("id", logicalType="time"), "column 'id' has the logicalType 'time'"),
        (says("id", physicalType="hugeint"), "column 'id' has the physicalType 'hugeint'"),
        (says("id", physicalType="date"), "column 'id' is integer by its logicalType but date"),
        (says("price", physicalType="decimal(39, 2)"), "has the physicalType 'decimal(39, 2)'"),
        (lambda d: custom(d, "deliveryMode", None), "deliveryMode is None: expected append"),
        (lambda d: custom(d, "deliveryMode", "replace"), "deliveryMode is 'replace'"),
        (lambda d: custom(d, "deliveryMode", ["append"]), "deliveryMode is ['append']"),
        (lambda d: custom(d, "layer", "platinum"), "layer is 'platinum': expected gold"),
        (lambda d: custom(d, "layer", "bronze"), "layer is 'bronze': expected gold"),
        (lambda d: custom(d, "layer", "gold"), "a gold table is not landed, but has deliveryMode"),
        (lambda d: custom(d, "nullTexts", "NA"), "nullTexts is 'NA': expected a list of texts"),
        (lambda d: custom(d, "nullTexts", ["NA", 0]), "nullTexts is ['NA', 0]"),
        (lambda d: custom(d, "finalLineBreak", "never"), "finalLineBreak is 'never'"),
        (lambda d: custom(d, "maxQuarantinedShare", "lots"), "maxQuarantinedShare is 'lots'"),
        (lambda d: custom(d, "maxQuarantinedShare", 1.5), "maxQuarantinedShare is 1.5"),
        (lambda d: custom(d, "maxQuarantinedShare", True), "maxQuarantinedShare is True"),
        (lambda d: custom(d, "sourceSystem", "My Till"), "'My Till' cannot name a sourceSystem"),
        (lambda d: custom(d, "colour", "red"), "unknown custom property of the schema: colour"),
        (
            lambda d: schema(d)["customProperties"].append(
                {"property": "deliveryMode", "value": "upsert"}
            ),
            "custom property of the schema given twice: deliveryMode",
        ),
        (lambda d: custom(d, "orderingColumn", "at"), "orderingColumn means something for upserts"),
        (lambda d: custom(d, "orderingColumn", "when"), "orderingColumn 'when' is not a column"),
        (
            lambda d: (custom(d, "deliveryMode", "upsert"), column(d, "id").pop("primaryKey")),
            "deliveryMode upsert needs a primary key",
        ),
        (
            says("id", customProperties=[{"property": "personalData", "value": "yes"}]),
            "personalData of column 'id' is 'yes': expected true or false",
        ),
        (
            says("id", customProperties=[{"property": "personaldata", "value": True}]),
            "unknown custom property of column 'id': personaldata",
        ),
        (_server(type="s3", location="s3://x", format="csv"), "server 's' is of type 's3'"),
        (
            _server(**LOCAL, customProperties=[{"property": "tabel", "value": "x"}]),
            "unknown custom property of server 's': tabel",
        ),
        *(
            (
                _server(**LOCAL, customProperties=[{"property": "delimiter", "value": value}]),
                "expected one ASCII character",
            )
            for value in ("||", "é", '"', "\n", "")
        ),
        (
            _server(**LOCAL, customProperties=[{"property": "secret", "value": "x"}]),
            "unknown custom property of server 's': secret",
        ),
        (_server(**DATABASE), "server 's' does not say which table is read"),
        (
            _server(**LOCAL | {"path": "in/${REGION:-eu}/*.csv"}),
            "server 's' has the path 'in/${REGION:-eu}/*.csv': a contract has no variables",
        ),
        (
            _server(**DATABASE, customProperties=[{"property": "table", "value": "${TABLE}"}]),
            "server 's' has the table '${TABLE}': a contract has no variables",
        ),
        (
            lambda d: (_server(**TABLE)(d), column(d, "id").pop("primaryKey")),
            "server 's' delivers the whole table each time, and deliveryMode append without a",
        ),
        *(
            (
                _server(**DATABASE, customProperties=[{"property": "table", "value": value}]),
                f"table is {value!r}: expected a text",
            )
            for value in (["orders"], 5)
        ),
        (
            lambda d: d.update(servers=[{"server": "s", "environment": "e", **LOCAL}] * 2),
            "servers named twice: s of e",
        ),
        (
            lambda d: d.update(slaProperties=[{"property": "volume", "value": 9, "valueExt": 8}]),
            "volume is from 9 to 8 rows: no table has so many",
        ),
        *(
            (_server(**TABLE | {"port": port}), f"server 's' has the port {port!r}: expected a")
            for port in ("", "²", 0, -1, 65536)
        ),
        (
            _keys(id=1, status=None),
            "the key's columns have the primaryKeyPosition id 1, status None",
        ),
        (_keys(id=1, status=1), "the key's columns have the primaryKeyPosition id 1, status 1"),
        (_keys(id=1, status=3), "expected each of 1 to 2 once"),
        (_keys(id=0), "expected each of 1 to 1 once"),
        (_keys(id=None, status=None), "expected each of 1 to 2 once"),
        (says("status", primaryKeyPosition=2), "primaryKeyPosition without primaryKey: status 2"),
    ],
)
def test_what_cannot_be_compiled(contracts: ContractFolder, change: Change, what: str) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.read(change)
    assert what in caught.value.what
    assert caught.value.where.startswith(f"{FILE}:")


@pytest.mark.parametrize("name", ["Orders", "orders-2", "_orders"])
def test_a_table_must_be_an_identifier(contracts: ContractFolder, name: str) -> None:
    with pytest.raises(ContractError, match="cannot name a product and a table"):
        read_contract(contracts.write(table=name))


def test_a_product_must_be_an_identifier(contracts: ContractFolder) -> None:
    with pytest.raises(ContractError, match="'My-Shop' cannot name a product and a table"):
        read_contract(contracts.write(product="My-Shop"))


def test_a_key_is_in_order_of_its_positions(contracts: ContractFolder) -> None:
    assert contracts.read(_keys(id=2, status=1)).key == ("status", "id")


@pytest.mark.parametrize(
    ("logical", "physical", "expected"),
    [
        ("string", None, "varchar"),
        ("integer", None, "bigint"),
        ("number", None, "double"),
        ("boolean", None, "boolean"),
        ("date", None, "date"),
        ("timestamp", None, "timestamp with time zone"),
        ("timestamp", "TIMESTAMP", "timestamp"),
        ("timestamp", "timestamptz", "timestamp with time zone"),
        ("date", "timestamp", "timestamp"),
        ("integer", " Int ", "integer"),
        ("number", "smallint", "smallint"),
        ("number", "real", "float"),
        ("number", "NUMERIC(38,0)", "decimal(38, 0)"),
        ("number", "decimal( 12 , 2 )", "decimal(12, 2)"),
        ("number", "decimal(12)", "decimal(12, 0)"),
        ("number", "double  precision", "double"),
        ("number", "float8", "double"),
        ("number", "float4", "float"),
        ("integer", "int2", "smallint"),
        ("integer", "int4", "integer"),
        ("integer", "int8", "bigint"),
        ("boolean", "bool", "boolean"),
        ("timestamp", "timestamp without time zone", "timestamp"),
        ("timestamp", "datetime", "timestamp"),
        ("string", "text", "varchar"),
        ("string", "VARCHAR(2)", "varchar"),
        ("string", "character varying (20)", "varchar"),
        ("string", "char(2)", "varchar"),
    ],
)
def test_types(
    contracts: ContractFolder, logical: str, physical: str | None, expected: str
) -> None:
    values = {"logicalType": logical} | ({"physicalType": physical} if physical else {})
    assert contracts.read(says("status", **values)).columns[1].data_type == expected
