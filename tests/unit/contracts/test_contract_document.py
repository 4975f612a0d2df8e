"""A contract is YAML as the standard says, or is refused with what was expected, by line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from contract_files import ContractFolder, Document, column, says, schema

from assay.contracts import read_contract
from assay.contracts.document import parse_yaml
from assay.contracts.place import Place
from assay.errors import ContractError

FILE = "contracts/shop/orders.odcs.yaml"
LOCAL = {"server": "files", "type": "local", "path": "orders/*.csv", "format": "csv"}
Change = Callable[[Document], object]


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
        ("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n", f"{FILE}:4", "not YAML: '<<' stands twice"),
        (
            "a: 1\nb: 9999999999999999.99\n",
            f"{FILE}:2",
            "9999999999999999.99 has more digits than are kept: it would be 1e+16",
        ),
        ("b: 0.12345678901234567890\n", f"{FILE}:1", "0.12345678901234567890 has more digits"),
    ],
    ids=[
        *("colon", "quote", "encoding", "control", "list", "empty", "key twice"),
        *("inner key twice", "merged twice", "digits", "digits behind the point"),
    ],
)
def test_text_that_is_no_contract(
    contracts: ContractFolder, text: str | bytes, where: str, what: str
) -> None:
    with pytest.raises(ContractError) as caught:
        read_contract(contracts.write_text(text))
    assert caught.value.where == where
    assert caught.value.what.startswith(what)
    assert caught.value.todo


@pytest.mark.parametrize("kind", ["time", "map", "vector"])
def test_a_type_that_no_column_can_have(contracts: ContractFolder, kind: str) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.read(says("status", logicalType=kind))
    assert caught.value.what == f"column 'status' has the logicalType '{kind}'"
    assert caught.value.where.endswith(" at schema.orders.properties.status.logicalType")
    assert caught.value.todo.endswith("timestamp, object or array")


MERGED = """\
sound: &sound {metric: nullValues, mustBe: 0}
deep: [[[&milder {<<: *sound, mustBe: 2, severity: info}]]]
own: {<<: [*milder, *sound], mustBe: 3}
"""


def test_a_mapping_takes_over_what_a_merge_key_names_and_its_own_keys_count() -> None:
    node, found = parse_yaml(MERGED)
    milder = {"metric": "nullValues", "mustBe": 2, "severity": "info"}
    assert found == {
        "sound": {"metric": "nullValues", "mustBe": 0},
        "deep": [[[milder]]],
        "own": milder | {"mustBe": 3},
    }
    place = Place(FILE, node)
    assert [place.at("own", key).line for key in ("mustBe", "severity", "metric")] == [3, 2, 1]


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
            lambda d: d.update(servers=[LOCAL | {"delimiter": ";"}]),
            "'delimiter' does not belong here: it is for entries of another type",
            "servers.files.delimiter",
        ),
        (
            lambda d: d.update(servers=[LOCAL | {"pth": "a/*.csv"}]),
            "'pth' does not belong here; did you mean path?",
            "servers.files.pth",
        ),
        (
            says("status", logicalType="text"),
            "'text' is not one of",
            "schema.orders.properties.status.logicalType",
        ),
        (
            says("status", requird=True),
            "'requird' does not belong here; did you mean required?",
            "schema.orders.properties.status.requird",
        ),
        (
            says("id", relationships=[{"to": "planes"}]),
            "'planes' is not of the form: Shorthand notation using name fields"
            " (table_name.column_name); or Fully qualified",
            "schema.orders.properties.id.relationships.0.to",
        ),
        (
            says("id", relationships=[{"from": "orders.id", "to": "planes.id"}]),
            "The 'from' field must not be specified at property level",
            "schema.orders.properties.id.relationships.0",
        ),
        (
            lambda d: schema(d).update(relationships=[{"from": "orders.id", "to": ["a.b", "a.c"]}]),
            "it is not of the form: Single-column relationship - both fields must be strings;"
            " or Composite key relationship",
            "schema.orders.relationships.0",
        ),
        (
            says("id", id="the id"),
            "'the id' is not of the form: Stable technical identifier for references.",
            "schema.orders.properties.id.id",
        ),
        (
            says("id", properties=[{"name": "part", "logicalType": "string"}]),
            "'properties' does not belong here: it is for entries of another type",
            "schema.orders.properties.id.properties",
        ),
        (
            says("id", quality=[{"type": "text", "description": "Positive.", "mustBe": 0}]),
            "'mustBe' does not belong here: it is for entries of another type",
            "schema.orders.properties.id.quality.0.mustBe",
        ),
        (
            says("id", logicalTypeOptions={"minLength": 2}),
            "'minLength' does not belong here; known: exclusiveMaximum,",
            "schema.orders.properties.id.logicalTypeOptions.minLength",
        ),
        (
            says("id", logicalTypeOptions={"minimum": "two"}),
            "'two' is not a number",
            "schema.orders.properties.id.logicalTypeOptions.minimum",
        ),
        (
            says("id", quality=[{"metric": "nullValues", "mustBe": 0, "mustBeLessThan": 3}]),
            "one operator a rule, found mustBe, mustBeLessThan",
            "schema.orders.properties.id.quality.0",
        ),
        (
            says("id", quality=[{"metric": "nullValues", "mustBeLess": 3}]),
            "'mustBeLess' is no operator; did you mean mustBeLessThan",
            "schema.orders.properties.id.quality.0",
        ),
        (
            says("id", quality=[{"name": "none", "metric": "nullValues"}]),
            "one operator a rule, found none",
            "schema.orders.properties.id.quality.none",
        ),
        (
            says("id", quality=[{"metric": "valuesThatSmell", "mustBe": 0}]),
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


def test_a_text_in_place_of_a_mapping_is_told_what_is_needed(contracts: ContractFolder) -> None:
    with pytest.raises(ContractError, match=r"'login' is not a mapping: expected \{value: …\}"):
        contracts.read(says("id", enum=["login"]))


def test_one_error_is_told_once(contracts: ContractFolder) -> None:
    with pytest.raises(ContractError) as caught:
        contracts.read(says("id", quality=["nullValues"]))
    assert caught.value.what == "not as ODCS v3.1.0 says: 'nullValues' is not a mapping"
    assert caught.value.todo == "mend that line"


@pytest.mark.parametrize(
    "text", ["0.10", "1.0e+18", "1_000.5", "-0.5", "1:30.5", "1.7976931348623157e+308"]
)
def test_a_figure_that_is_kept_is_read(text: str) -> None:
    _, document = parse_yaml(f"a: {text}")
    assert isinstance(document, dict)
    assert isinstance(document["a"], float)
