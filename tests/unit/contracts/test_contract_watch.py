"""Service levels and watched measures: what is understood, and what is refused by name."""

from __future__ import annotations

from datetime import date

import pytest
from contract_files import ContractFolder, Document, column, custom

from assay.domain import (
    DayMeasureKind,
    DriftMethod,
    Season,
    ServiceLevel,
    Severity,
    Sla,
    SlaKind,
    Watch,
    WatchedMeasure,
)
from assay.errors import ContractError


def read_slas(contracts: ContractFolder, *levels: Document, layer: str = "") -> tuple[Sla, ...]:
    def change(document: Document) -> None:
        document["slaProperties"] = list(levels)
        if layer:
            custom(document, "deliveryMode", None)
            custom(document, "layer", layer)

    return contracts.read(change).slas


def level(name: str, value: object, unit: str = "", **more: object) -> Document:
    return {"property": name, "value": value, **({"unit": unit} if unit else {}), **more}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (level("latency", 2, "d", element="orders.at"), Sla(SlaKind.FRESHNESS, 172_800, "at")),
        (level("freshness", "90", "minutes", element="day"), Sla(SlaKind.FRESHNESS, 5400, "day")),
        (level("freshness", 1, "h"), Sla(SlaKind.FRESHNESS, 3600, "_ingested_at")),
        (level("volume", 10, valueExt=20), Sla(SlaKind.VOLUME, 10, upper=20)),
        (level("volume", 0, "rows", element="orders"), Sla(SlaKind.VOLUME, 0)),
        (
            level("frequency", 1, "d", valueExt=1, element="tab1.txn_ref_dt"),
            Sla(SlaKind.FREQUENCY, 86_400),
        ),
        (
            level(
                "completeness",
                99.5,
                "percent",
                element="orders.price",
                customProperties=[{"property": "severity", "value": "critical"}],
            ),
            Sla(SlaKind.COMPLETENESS, 0.995, "price", severity=Severity.CRITICAL),
        ),
    ],
)
def test_a_service_level_that_is_judged(
    contracts: ContractFolder, given: Document, expected: Sla
) -> None:
    assert read_slas(contracts, given) == (expected,)


CRITICAL = [{"property": "severity", "value": "critical"}]


def test_what_no_table_can_answer_is_for_people(contracts: ContractFolder) -> None:
    levels = [
        level("availability", "99.9%"),
        level("retention", 3, "y"),
        level("frequency", "daily"),
        level("frequency", 1, "fortnight"),
    ]
    assert read_slas(contracts, *levels) == ()


def test_nobody_delivers_a_gold_table_by_a_frequency(contracts: ContractFolder) -> None:
    assert read_slas(contracts, level("frequency", 1, "d"), layer="gold") == ()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (level("latencey", 1, "d"), "the service level 'latencey' is not known"),
        (level("frequency", -1, "d"), "value is -1: expected a number from 0"),
        (level("latency", 1), "latency has the unit None"),
        (level("latency", 1, "fortnight"), "latency has the unit 'fortnight'"),
        (level("latency", "soon", "d"), "value is 'soon': expected a number from 0"),
        (level("latency", -1, "d"), "value is -1: expected a number from 0"),
        (level("latency", 1, "d", valueExt=2), "valueExt means nothing for latency"),
        (
            level("latency", 1, "d", element="orders.gone"),
            "the element 'orders.gone' is no column of orders",
        ),
        (
            level("latency", 1, "d", element="toys.at"),
            "the element 'toys.at' is no column of orders",
        ),
        (
            level("latency", 1, "d", element="price"),
            "the freshness of 'price' cannot be told: it is of type decimal(10, 2)",
        ),
        (
            level("volume", 1, "bytes"),
            "volume counts the rows of the table: it has no column, and rows as its unit",
        ),
        (
            level("completeness", 99, "percent"),
            "completeness needs an element: the column whose values are to be there",
        ),
        (
            level("completeness", 0.99, element="price"),
            "completeness has the unit None: expected percent",
        ),
        (
            level("completeness", 101, "percent", element="price"),
            "completeness is 101 percent: at most 100",
        ),
        (
            level("volume", 1, customProperties=[{"property": "severity", "value": "fatal"}]),
            "severity is 'fatal': expected one of critical, warning, info",
        ),
        (
            level("volume", 1, customProperties=[{"property": "owner", "value": "ada"}]),
            "unknown custom property of the service level 'volume': owner",
        ),
        (
            level("retention", 3, "y", customProperties=CRITICAL),
            "unknown custom property of the service level 'retention', for people: severity",
        ),
        (
            level("frequency", "daily", customProperties=CRITICAL),
            "unknown custom property of the service level 'frequency', for people: severity",
        ),
        (
            level("endOfSupport", "2027-03-31", customProperties=CRITICAL),
            "unknown custom property of endOfSupport: severity",
        ),
        (
            level("latency", 1, "d", element="at, orders.gone"),
            "the element 'orders.gone' is no column of orders",
        ),
    ],
)
def test_a_service_level_that_cannot_be_judged(
    contracts: ContractFolder, given: Document, what: str
) -> None:
    with pytest.raises(ContractError) as refused:
        read_slas(contracts, given)
    assert refused.value.what == what
    assert " at slaProperties." in refused.value.where


def test_a_level_of_several_columns_is_one_of_each(contracts: ContractFolder) -> None:
    given = level("completeness", 90, "percent", element="orders.price, status,")
    found = read_slas(contracts, given)
    assert [(each.column, each.limit) for each in found] == [("price", 0.9), ("status", 0.9)]


@pytest.mark.parametrize(
    ("short", "long"), [("ly", "latency"), ("FY", "frequency"), ("re", "retention")]
)
def test_the_short_name_of_a_service_level_is_its_long_one(
    contracts: ContractFolder, short: str, long: str
) -> None:
    def levels(name: str) -> tuple[ServiceLevel, ...]:
        stated = [level(name, 1, "d")]
        return contracts.read(lambda d: d.update(slaProperties=stated)).service_levels

    assert levels(short) == levels(long)


def test_the_freshness_of_a_gold_table_needs_a_column(contracts: ContractFolder) -> None:
    with pytest.raises(ContractError, match="the freshness of a gold table needs an element"):
        read_slas(contracts, level("latency", 1, "d"), layer="gold")


def test_the_freshness_of_personal_data_is_not_measured(contracts: ContractFolder) -> None:
    def change(document: Document) -> None:
        document["slaProperties"] = [level("latency", 1, "d", element="at")]
        column(document, "at")["customProperties"] = [{"property": "personalData", "value": True}]

    with pytest.raises(ContractError, match="no value is recorded"):
        contracts.read(change)


def test_a_service_level_is_stated_once(contracts: ContractFolder) -> None:
    with pytest.raises(ContractError, match="stated twice: freshness at"):
        read_slas(
            contracts,
            level("latency", 1, "d", element="at"),
            level("freshness", 2, "d", element="orders.at"),
        )


def read_watch(contracts: ContractFolder, value: object) -> Watch | None:
    return contracts.read(lambda document: custom(document, "watch", value)).watch


NULLS = {"measure": "nullShare", "column": "price"}
DRIFT = {
    "measure": "drift",
    "column": "price",
    "reference": {"from": "2024-01-01", "to": "2024-01-31"},
}


def test_a_watch_is_read_whole(contracts: ContractFolder) -> None:
    assert read_watch(
        contracts,
        {
            "day": "at",
            "settleDays": 2,
            "acceptedDays": [date(2024, 12, 25), "2024-01-01"],
            "measures": [
                {"measure": "rows", "season": "month", "score": 8, "factor": 1.5, "atLeast": 10},
                {**NULLS, "severity": "critical"},
                {"measure": "newCategories", "column": "status"},
                DRIFT,
                {**DRIFT, "method": "ks", "season": "none"},
            ],
        },
    ) == Watch(
        "at",
        (
            WatchedMeasure(
                DayMeasureKind.ROWS, season=Season.MONTH, score=8, factor=1.5, at_least=10
            ),
            WatchedMeasure(DayMeasureKind.NULL_SHARE, "price", Severity.CRITICAL),
            WatchedMeasure(DayMeasureKind.NEW_CATEGORIES, "status"),
            WatchedMeasure(
                DayMeasureKind.DRIFT,
                "price",
                method=DriftMethod.PSI,
                reference_from=date(2024, 1, 1),
                reference_to=date(2024, 1, 31),
            ),
            WatchedMeasure(
                DayMeasureKind.DRIFT,
                "price",
                season=Season.NONE,
                method=DriftMethod.KS,
                reference_from=date(2024, 1, 1),
                reference_to=date(2024, 1, 31),
            ),
        ),
        settle_days=2,
        accepted_days=(date(2024, 1, 1), date(2024, 12, 25)),
    )


def test_checks_are_named_after_what_they_measure() -> None:
    drift = WatchedMeasure(DayMeasureKind.DRIFT, "price", method=DriftMethod.JS)
    assert [drift.name, WatchedMeasure(DayMeasureKind.NULL_SHARE).name] == [
        "drift_by_day_js",
        "null_share_by_day",
    ]


def watching(*measures: object, **more: object) -> dict[str, object]:
    return {"day": "day", "measures": list(measures), **more}


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("rows", "watch is 'rows': expected a mapping"),
        ({"measures": [NULLS]}, "missing: day"),
        (watching(NULLS, days=3), "unknown: days"),
        (watching(), "measures is []: expected a list of at least one"),
        (watching(NULLS) | {"day": "status"}, "'status' gives a row no day: it is of type varchar"),
        (watching(NULLS) | {"day": "gone"}, "'gone' is not a column"),
        (watching(NULLS) | {"day": ["day"]}, "['day'] is not a column"),
        (watching("rows"), "a measure is 'rows': expected a mapping"),
        (
            watching({"measure": "mean", "column": "price"}),
            "measure is 'mean': expected one of rows, nullShare, newCategories, drift",
        ),
        (watching({"measure": "nullShare"}), "missing: column"),
        (watching({"measure": "nullShare", "column": "gone"}), "'gone' is not a column"),
        (watching({"measure": "rows", "column": "price"}), "unknown: column"),
        (watching({**NULLS, "method": "psi"}), "unknown: method"),
        (
            watching({**NULLS, "severity": "fatal"}),
            "severity is 'fatal': expected one of critical, warning, info",
        ),
        (
            watching({**NULLS, "season": "summer"}),
            "season is 'summer': expected one of weekday, month, none",
        ),
        (watching({**NULLS, "atLeast": "much"}), "atLeast is 'much': expected a number from 0"),
        (watching({**NULLS, "score": -1}), "score is -1: expected a number from 0"),
        (watching({"measure": "drift", "column": "price"}), "missing: reference"),
        (watching({**DRIFT, "method": "chi"}), "method is 'chi': expected one of psi, kl, js, ks"),
        (watching({**DRIFT, "reference": {"from": "2024-01-01"}}), "missing: to"),
        (
            watching({**DRIFT, "reference": {"from": "2024-02-01", "to": "2024-01-01"}}),
            "the reference ends (2024-01-01) before it starts (2024-02-01)",
        ),
        (
            watching({**DRIFT, "column": "status", "method": "ks"}),
            "the method ks needs an order of values: 'status' is no number",
        ),
        (watching(NULLS, NULLS), "watched twice: null_share_by_day price"),
        (
            watching(NULLS, settleDays=-1),
            "settleDays is -1: expected a whole number from 0 to 366",
        ),
        (
            watching(NULLS, settleDays=367),
            "settleDays is 367: expected a whole number from 0 to 366",
        ),
        (
            watching(NULLS, settleDays=800000),
            "settleDays is 800000: expected a whole number from 0 to 366",
        ),
        (
            watching(NULLS, acceptedDays=["Christmas"]),
            "a day cannot be read: Invalid isoformat string: 'Christmas'",
        ),
        (watching(NULLS, acceptedDays="2024-01-01"), "expected a list of days, found '2024-01-01'"),
    ],
)  # fmt: skip
def test_a_watch_that_is_not_understood(
    contracts: ContractFolder, value: object, what: str
) -> None:
    with pytest.raises(ContractError) as refused:
        read_watch(contracts, value)
    assert refused.value.what == what
    assert " at schema.orders.customProperties.watch.value" in refused.value.where
