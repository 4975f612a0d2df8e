"""A transport for OpenLineage clients of others: Airflow's provider delivers as Assay does.

Loaded by the client by its name (see :mod:`assay.lineage.client_config`); nothing else imports it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import attr
from openlineage.client.client import Event
from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from assay.lineage.delivery import Delivery


@attr.define
class LakeConfig(Config):  # type: ignore[misc]
    """The lake whose file gets the events, and the endpoint that does too (empty: none)."""

    lake: str
    url: str = ""

    @classmethod
    def from_dict(cls, params: dict[str, str]) -> LakeConfig:
        return cls(lake=params["lake"], url=params.get("url", ""))


class LakeTransport(Transport):  # type: ignore[misc]
    """Whole lines in the lake's file, one breaker for all processes of the lake."""

    kind = "assay_lake"
    config_class = LakeConfig

    def __init__(self, config: LakeConfig) -> None:
        self._delivery = Delivery(
            Path(config.lake), url=config.url, clock=lambda: datetime.now(UTC), is_quiet=True
        )

    def emit(self, event: Event) -> None:
        self._delivery.deliver([Serde.to_json(event).encode()])
