"""The floor: the same three layers as plain DuckDB SQL to Parquet, and nothing else.

No lock, no versions, no quarantine, no audit, no lineage, no policy, no release. The gold queries
are those of the dbt models, read from their files.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
_REF = re.compile(r"\{\{ ref\('(?:flights__)?(\w+)'\) \}\}")

# What is not text, by table and type. The rest stays text; NA stands for null.
_TYPES = {
    "flights": {
        "integer": "year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time"
        " arr_delay flight air_time distance hour minute",
        "timestamptz": "time_hour",
    },
    "weather": {
        "integer": "year month day hour wind_dir",
        "double": "temp dewp humid wind_speed wind_gust precip pressure visib",
        "timestamptz": "time_hour",
    },
    "airlines": {},
    "airports": {"double": "lat lon", "integer": "alt tz"},
    "planes": {"integer": "year engines seats speed"},
}
_GOLD = (
    "dim_carriers",
    "dim_airports",
    "dim_planes",
    "fct_flights",
    "agg_carrier_month",
    "agg_route_month",
    "fct_departure_weather",
)


def main(deliveries: Path, lake: Path) -> None:
    """Take what was delivered to gold."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    for table in _TYPES:
        read = f"read_csv('{deliveries}/flights/{table}/*.csv', header = true, all_varchar = true)"
        store(connection, lake, "bronze", table, f"select * from {read}")
    for table, types in _TYPES.items():
        casts = [
            f"cast({name} as {kind}) as {name}"
            for kind, names in types.items()
            for name in names.split()
        ]
        replaced = f"replace ({', '.join(casts)})" if casts else ""
        query = f"select * {replaced} from (select nullif(columns(*), 'NA') from bronze__{table})"
        store(connection, lake, "silver", table, query)
        connection.execute(f"create view {table} as from silver__{table}")
    for model in _GOLD:
        file = PROJECT / "dbt_project" / "models" / "gold" / "flights" / f"{model}.sql"
        store(connection, lake, "gold", model, _REF.sub(r"\1", file.read_text(encoding="utf-8")))
        connection.execute(f"create view {model} as from gold__{model}")
    print(connection.execute("select count(*) from fct_flights").fetchall()[0][0])


def store(
    connection: duckdb.DuckDBPyConnection, lake: Path, layer: str, name: str, query: str
) -> None:
    """Write a query's rows to a Parquet file, with a view over it."""
    path = lake / layer / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    connection.execute(f"create view {layer}__{name} as from read_parquet('{path}')")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
