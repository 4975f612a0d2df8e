"""A small product with one release, and all that its readers see."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from small_product import ENTITIES, GOLD, Rows, SmallProduct

JANUARY = datetime(2024, 1, 1, tzinfo=UTC)
FILES = {
    "clicks": "at,page,visits\n2024-01-01T00:00:00Z,home,3\n2024-01-01T00:00:00Z,cart,1\n",
    "orders": "order,item,price\n1,pen,1.50\n2,ink,2\n",
    "stock": (
        "sku,place,qty,changed_at\npen,north,5,2024-01-01T00:00:00Z\n"
        "ink,south,6,2024-01-01T00:00:00Z\n"
    ),
    "prices": "sku,price\npen,1.5\nink,2\n",
    "places": "place,city\nnorth,Oslo\nsouth,Rome\n",
}
BASE: dict[str, Rows] = {
    "silver.shop__clicks": [(JANUARY, "cart", 1), (JANUARY, "home", 3)],
    "silver.shop__orders": [(1, "pen", Decimal("1.50")), (2, "ink", Decimal("2.00"))],
    "silver.shop__stock": [("ink", "south", 6, JANUARY), ("pen", "north", 5, JANUARY)],
    "silver.shop__prices": [("ink", 2.0), ("pen", 1.5)],
    "silver.shop__places": [("north", "Oslo"), ("south", "Rome")],
    "gold.fct_orders": [(1, Decimal("1.50")), (2, Decimal("2.00"))],
    "gold.agg_stock": [("north", "Oslo", 5), ("south", "Rome", 6)],
    "gold.agg_clicks": [("cart", 1), ("home", 3)],
}


def tables(shop: SmallProduct) -> dict[str, Rows]:
    """The whole of what readers see, by table."""
    names = [f"silver.shop__{name}" for name in ENTITIES] + [f"gold.{name}" for name in GOLD]
    return {name: shop.rows(name) for name in names}
