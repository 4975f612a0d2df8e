"""What tests set of each field of the standard, and which fields the reference calls for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract_files import Document

DEFINITION = [{"url": "https://shop.example/definitions", "type": "businessDefinition"}]
# What is set of each field; more than one where its values differ in what they ask.
TEXTS: Mapping[str, list[Any]] = {
    "id": ["an_id"],
    "name": ["another"],
    "description": ["Another text."],
    "businessName": ["Name"],
    "tags": [["a"]],
    "authoritativeDefinitions": [DEFINITION],
    "customProperties": [[{"property": "colour", "value": "red"}]],
    "deprecated": [True],
    "synonyms": [[{"synonym": "other"}]],
    "context": ["Words for a model of language."],
    "physicalName": ["other"],
}
OF_TABLE: Mapping[str, list[Any]] = TEXTS | {
    "physicalType": ["view"],
    "logicalType": ["object"],
    "dataGranularityDescription": ["One row a line."],
    "properties": [[{"name": "id", "logicalType": "integer"}]],
    "relationships": [[{"from": "orders.id", "to": "gone.id"}]],
    "quality": [[{"metric": "rowCount", "mustBe": 1}]],
}
OF_COLUMN: Mapping[str, list[Any]] = TEXTS | {
    "physicalType": ["date", "varchar(9)"],
    "logicalType": ["boolean", "time", "map", "array", "object", "vector"],
    "logicalTypeOptions": [{"minLength": 2}],
    "primaryKey": [True],
    "primaryKeyPosition": [1],
    "required": [True],
    "unique": [True],
    "semanticType": ["measure", "dimension"],
    "partitioned": [True],
    "partitionKeyPosition": [1],
    "classification": ["restricted"],
    "encryptedName": ["status_encrypted"],
    "transformSourceObjects": [["raw.orders"]],
    "transformLogic": ["upper(status)"],
    "transformDescription": ["In capitals."],
    "examples": [["new"]],
    "enum": [[{"value": "new"}]],
    "criticalDataElement": [True],
    "relationships": [[{"to": "gone.id"}]],
    "quality": [[{"metric": "nullValues", "mustBe": 0}]],
    "properties": [[{"name": "part", "logicalType": "string"}]],
    "items": [{"logicalType": "string"}],
    "map": [{"key": {"logicalType": "string"}, "value": {"logicalType": "string"}}],
}
PEOPLE_OF_TABLE = {
    *("businessName", "tags", "authoritativeDefinitions", "deprecated", "synonyms", "context"),
    *("physicalType", "logicalType"),
}
PEOPLE_OF_COLUMN = {
    *("businessName", "tags", "authoritativeDefinitions", "deprecated", "synonyms"),
    *("encryptedName", "transformSourceObjects", "transformLogic", "transformDescription"),
    *("examples", "criticalDataElement", "semanticType: dimension"),
}
# One rule of each form.
RULES: Mapping[str, Document] = {
    "rows": {"metric": "rowCount", "mustBe": 5},
    "row": {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["a"]}},
    "figure": {"metric": "nullValues", "mustBeLessThan": 5},
    "sql": {"type": "sql", "query": "select 1 from ${object}", "mustBe": 1},
    "predicate": {"type": "custom", "engine": "assay", "name": "own", "implementation": "id > 1"},
    "expectation": {
        "type": "custom",
        "engine": "greatExpectations",
        "implementation": {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}},
    },
    "text": {"type": "text"},
}
OF_RULE: Mapping[str, list[Any]] = TEXTS | {
    "businessImpact": ["operational"],
    "dimension": ["accuracy"],
    "method": ["reconciliation"],
    "schedule": ["0 20 * * *"],
    "scheduler": ["cron"],
    "severity": ["info", "dire"],
    "type": ["text", "sql"],
    "unit": ["percent", "dozen"],
    "metric": ["duplicateValues", "smells"],
    "rule": ["rowCount"],
    "arguments": [{"validValues": ["b"]}],
    "query": ["select 2 from ${object}"],
    "engine": ["soda"],
    "implementation": ["id > 2"],
    **{each: [7] for each in ("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeLessThan")},
    **{each: [7] for each in ("mustBeGreaterOrEqualTo", "mustBeLessOrEqualTo")},
    **{each: [[7, 8]] for each in ("mustBeBetween", "mustNotBeBetween")},
}
PEOPLE_OF_RULE = {
    *("id", "tags", "authoritativeDefinitions", "businessImpact", "method"),
}
# A text is for people whole; no row is 0 percent of them.
PEOPLE_OF_ONE_RULE = {
    "row": {"unit: percent"},
    "text": {"name", "description", "dimension", "severity: info", "severity: dire", "type: text"},
    "sql": {"type: sql"},
}
# The contract itself, its servers and service levels.
OF_CONTRACT: Mapping[str, list[Any]] = TEXTS | {
    "apiVersion": ["v3.0.2", "v2.2.2"],
    "kind": ["DataContract"],
    "version": ["9.0.0"],
    "status": ["deprecated"],
    "description": [{"purpose": "Another."}],
    "team": [{"name": "others"}],
    "schema": [[]],
    "servers": [[{"server": "s", "type": "local", "path": "x", "format": "csv"}]],
    "slaDefaultElement": ["orders.at"],
    "slaProperties": [[{"property": "volume", "value": 1}]],
    "contractCreatedTs": ["2024-01-01T00:00:00Z"],
    **{each: ["a"] for each in ("tenant", "dataProduct", "domain")},
    "price": [{"priceAmount": 5}],
    "roles": [[{"role": "reader"}]],
    "support": [[{"channel": "help", "url": "https://shop.example/help"}]],
}
PEOPLE_OF_CONTRACT = {
    *("id", "name", "kind", "apiVersion: v3.0.2", "tenant", "domain", "dataProduct", "context"),
    *("description", "support", "authoritativeDefinitions", "contractCreatedTs", "price", "roles"),
}
SERVERS: Mapping[str, Document] = {
    "local": {"server": "s", "type": "local", "path": "x", "format": "csv"},
    "postgres": {
        "server": "s",
        "type": "postgres",
        "host": "h",
        "port": 1,
        "database": "d",
        "schema": "s",
        "customProperties": [{"property": "table", "value": "orders"}],
    },
}
OF_SERVER: Mapping[str, list[Any]] = TEXTS | {
    **{each: ["another"] for each in ("server", "environment", "path", "host", "database")},
    "type": ["s3"],
    "format": ["parquet"],
    "encoding": ["UTF-16"],
    "port": [2],
    "schema": ["t"],
    "roles": [[{"role": "reader"}]],
}
PEOPLE_OF_SERVER = {"id", "description", "roles"}
OF_LEVEL: Mapping[str, list[Any]] = TEXTS | {
    "property": ["freshness"],
    "value": [2],
    "valueExt": [3],
    "unit": ["d"],
    "element": ["orders.day"],
    "driver": ["regulatory"],
    "scheduler": ["cron"],
    "schedule": ["0 20 * * *"],
}
PEOPLE_OF_LEVEL = {"id", "driver", "authoritativeDefinitions"}
OPTIONS: Mapping[str, list[Any]] = {
    "minLength": [2],
    "maxLength": [2],
    "pattern": ["[a-z]+"],
    "format": ["email", "password", "dd.MM.yyyy", "i8", "f32"],
    "minimum": [5, "2024-01-31"],
    "maximum": [5, "2024-01-31"],
    "exclusiveMinimum": [5, "2024-01-31"],
    "exclusiveMaximum": [5, "2024-01-31"],
    "multipleOf": [5],
    "timezone": [False],
    "defaultTimezone": ["Europe/Paris"],
    "maxProperties": [2],
    "minProperties": [2],
    "required": [["part"]],
    "maxItems": [2],
    "minItems": [2],
    "uniqueItems": [True],
    "dimensions": [3],
    "elementType": ["int8"],
    "distanceMetric": ["cosine"],
    "embeddingModel": ["a"],
    "embeddingModelVersion": ["1"],
    "normalized": [True],
}
TYPES: Mapping[str, Document] = {
    "object": {"properties": [{"name": "part", "logicalType": "string"}]},
    "array": {"items": {"logicalType": "string"}},
    "map": {"map": OF_COLUMN["map"][0]},
    "vector": {"logicalTypeOptions": {"dimensions": 3}},
}
