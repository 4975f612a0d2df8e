"""Contracts are read whole, or refused with file, place, what was found and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from contract_files import ContractFolder, Document, column, custom, schema

from assay.contracts import list_products, read_contract, read_contracts
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


def test_a_gold_table_needs_no_delivery(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        custom(document, "deliveryMode", None)
        custom(document, "layer", "gold")

    contract = contracts.read(change)
    assert (contract.layer, contract.mode, contract.key) == (Layer.GOLD, None, ("id",))


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a: b: c", f"{FILE}:1", "not YAML: mapping values are not allowed"),
        ("kind: DataContract\nname: 'x\n", f"{FILE}:3", "not YAML: found unexpected end"),
        (b"kind: DataContract\nname: \xff\n", f"{FILE}:2", "not UTF-8: byte 0xff"),
        ("kind: DataContract\nname: \x00", f"{FILE}:2", "not YAML: "),
        ("\n- a\n", f"{FILE}:2", "not a contract: expected a mapping, found a list"),
        ("", f"{FILE}:1", "not a contract: expected a mapping, found nothing"),
        ("id: a\nkind: DataContract\nid: b\n", f"{FILE}:3", "not YAML: 'id' stands twice"),
        ("a:\n  - b: 1\n    b: 2\n", f"{FILE}:3", "not YAML: 'b' stands twice"),
    ],
    ids=["colon", "quote", "encoding", "control", "list", "empty", "key twice", "inner key twice"],
)
def test_text_that_is_no_contract(
    contracts: ContractFolder, text: str | bytes, where: str, what: str
) -> None:
    with pytest.raises(ContractError) as caught:
        read_contract(contracts.write_text(text))
    assert caught.value.where == where
    assert caught.value.what.startswith(what)
    assert caught.value.todo


def _set(of: str, /, **values: object) -> Change:
    return lambda document: column(document, of).update(values)


def _drop(key: str) -> Change:
    return lambda document: document.pop(key)


@pytest.mark.parametrize(
    ("change", "what", "place"),
    [
        (_drop("version"), "version is missing", ""),
        (_drop("id"), "id is missing", ""),
        (
            lambda d: d.update(apiVersion="v3.9.9"),
            "'v3.9.9' is not one of: v3.2.0, v3.1.0,",
            "apiVersion",
        ),
        (lambda d: d.update(version=1.0), "1.0 is not a text: put it in quotes", "version"),
        (lambda d: d.update(team="us"), "'us' is not a list or a mapping", "team"),
        (lambda d: d.update(tags="a"), "'a' is not a list", "tags"),
        (lambda d: d.update(servers={"server": "a"}), "a mapping is not a list", "servers"),
        (
            lambda d: d.update(flavour="mint"),
            "'flavour' does not belong here; known: apiVersion,",
            "flavour",
        ),
        (
            lambda d: d.update(slaPropertys=[]),
            "'slaPropertys' does not belong here; did you mean slaProperties?",
            "slaPropertys",
        ),
        (
            _set("status", logicalType="text"),
            "'text' is not one of",
            "schema.orders.properties.status.logicalType",
        ),
        (
            _set("status", requird=True),
            "'requird' does not belong here; did you mean required?",
            "schema.orders.properties.status.requird",
        ),
        (
            _set("id", logicalTypeOptions={"minLength": 2}),
            "'minLength' does not belong here; known: exclusiveMaximum,",
            "schema.orders.properties.id.logicalTypeOptions.minLength",
        ),
        (
            _set("id", logicalTypeOptions={"minimum": "two"}),
            "'two' is not a number",
            "schema.orders.properties.id.logicalTypeOptions.minimum",
        ),
        (
            _set("id", quality=[{"metric": "nullValues", "mustBe": 0, "mustBeLessThan": 3}]),
            "one operator a rule, found mustBe, mustBeLessThan",
            "schema.orders.properties.id.quality.0",
        ),
        (
            _set("id", quality=[{"metric": "nullValues", "mustBeLess": 3}]),
            "'mustBeLess' is no operator; did you mean mustBeLessThan",
            "schema.orders.properties.id.quality.0",
        ),
        (
            _set("id", quality=[{"name": "none", "metric": "nullValues"}]),
            "one operator a rule, found none",
            "schema.orders.properties.id.quality.none",
        ),
        (
            _set("id", quality=[{"metric": "valuesThatSmell", "mustBe": 0}]),
            "'valuesThatSmell' is not one of: nullValues,",
            "schema.orders.properties.id.quality.0.metric",
        ),
    ],
)
def test_what_the_standard_refuses(
    contracts: ContractFolder, change: Change, what: str, place: str
) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.read(change)
    assert what in caught.value.what
    file, _, trail = caught.value.where.partition(" at ")
    assert (file.rpartition(":")[0], trail) == (FILE, place)
    assert caught.value.todo == "mend that line"


def test_every_error_of_a_file_is_named_with_its_line(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        document.pop("version")
        column(document, "status")["logicalType"] = "text"
        column(document, "price")["requird"] = True
        document["slaProperties"] = [{"property": "latency", "valu": 3}]

    with pytest.raises(ContractError) as caught:
        contracts.read(change)
    assert "'text' is not one of: string," in caught.value.what
    assert caught.value.where == f"{FILE}:23 at schema.orders.properties.status.logicalType"
    assert caught.value.todo == (
        "mend that line, and these:"
        f"\n  {FILE}:27 at schema.orders.properties.price.requird: 'requird' does not belong here;"
        " did you mean required?"
        f"\n  {FILE}:33 at slaProperties.latency: value is missing"
        f"\n  {FILE}:34 at slaProperties.latency.valu: 'valu' does not belong here; did you mean"
        " value?"
        f"\n  {FILE}:1: version is missing"
    )


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
        (_set("id", name="_load_id"), "'_load_id' cannot name a column"),
        (_set("id", name="id\n"), "'id\\n' cannot name a column"),
        (_set("id", name="Id"), "'Id' cannot name a column"),
        (_set("id", name='i"d'), "'i\"d' cannot name a column"),
        (_set("id", logicalType="time"), "column 'id' has the logicalType 'time'"),
        (_set("id", physicalType="hugeint"), "column 'id' has the physicalType 'hugeint'"),
        (_set("id", physicalType="date"), "column 'id' is integer by its logicalType but date"),
        (_set("price", physicalType="decimal(39, 2)"), "has the physicalType 'decimal(39, 2)'"),
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
            _set("id", customProperties=[{"property": "personalData", "value": "yes"}]),
            "personalData of column 'id' is 'yes': expected true or false",
        ),
        (
            _set("id", customProperties=[{"property": "personaldata", "value": True}]),
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
            _keys(id=1, status=None),
            "the key's columns have the primaryKeyPosition id 1, status None",
        ),
        (_keys(id=1, status=1), "the key's columns have the primaryKeyPosition id 1, status 1"),
        (_keys(id=1, status=3), "expected each of 1 to 2 once"),
        (_keys(id=0), "expected each of 1 to 1 once"),
        (_keys(id=None, status=None), "expected each of 1 to 2 once"),
        (_set("status", primaryKeyPosition=2), "primaryKeyPosition without primaryKey: status 2"),
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
        ("string", "text", "varchar"),
    ],
)
def test_types(
    contracts: ContractFolder, logical: str, physical: str | None, expected: str
) -> None:
    values = {"logicalType": logical} | ({"physicalType": physical} if physical else {})
    assert contracts.read(_set("status", **values)).columns[1].data_type == expected


def test_products_are_folders_with_contracts(contracts: ContractFolder) -> None:
    contracts.write(product="b")
    contracts.write(product="a")
    (contracts.folder / "empty").mkdir()
    assert list_products(contracts.folder) == ("a", "b")


def test_a_product_without_contracts_is_refused(contracts: ContractFolder) -> None:
    contracts.write()
    with pytest.raises(ContractError, match="the product 'toys' has no contract") as caught:
        read_contracts(contracts.folder, "toys")
    assert "known: shop" in caught.value.todo


def _gold(document: Document) -> None:
    custom(document, "deliveryMode", None)
    custom(document, "layer", "gold")


def _till(document: Document) -> None:
    custom(document, "sourceSystem", "till")


@pytest.mark.parametrize(
    ("change", "table"),
    [(_gold, "gold.orders"), (_till, "bronze.bronze_till__orders")],
    ids=["gold", "bronze"],
)
def test_table_names_are_unique_in_a_project(
    contracts: ContractFolder, change: Change, table: str
) -> None:
    contracts.write(change)
    contracts.write(change, product="toys")
    with pytest.raises(ContractError) as caught:
        read_contracts(contracts.folder, "shop")
    assert caught.value.what == f"the table {table} is also one of the product 'toys'"
    assert caught.value.where == f"{FILE} and contracts/toys/orders.odcs.yaml"


def test_entities_of_two_products_may_share_a_name(contracts: ContractFolder) -> None:
    contracts.write()
    contracts.write(product="toys")
    assert [each.table for each in read_contracts(contracts.folder, "shop")] == ["orders"]


def test_another_products_broken_contract_is_its_own_concern(contracts: ContractFolder) -> None:
    contracts.write()
    contracts.write_text("- broken", product="toys")
    assert [each.table for each in read_contracts(contracts.folder, "shop")] == ["orders"]


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


def test_a_day_needs_no_quotes(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        document["slaProperties"] = [{"property": "endOfSupport", "value": "2027-03-31"}]
        column(document, "day")["logicalTypeOptions"] = {"minimum": "2020-01-01"}

    text = contracts.write(change).read_text("utf-8")
    plain = text.replace("'2027-03-31'", "2027-03-31").replace("'2020-01-01'", "2020-01-01")
    assert plain.count("'") == text.count("'") - 4
    contract = read_contract(contracts.write_text(plain))
    assert contract.end_of_support == date(2027, 3, 31)
    assert [rule.predicate for rule in contract.row_rules] == ["\"day\" >= '2020-01-01'"]
