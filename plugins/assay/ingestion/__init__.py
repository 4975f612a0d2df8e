"""Source → landing zone: every delivery is copied unchanged, inspected and recorded once.

Deliveries are never edited and never judged by their values here: a delivery either can be read
whole (``landed``) or it cannot (``refused``, with a reason that names file, row and column).
"""

from assay.ingestion.landed_bytes import holding_landed_bytes
from assay.ingestion.landing import SecretReader, land
from assay.ingestion.ledger import LoadLedger, find_unanswered_refusals
from assay.ingestion.replays import Replay, find_refusal, land_replay
from assay.ingestion.servers import choose_server

__all__ = [
    "LoadLedger",
    "Replay",
    "SecretReader",
    "choose_server",
    "find_refusal",
    "find_unanswered_refusals",
    "holding_landed_bytes",
    "land",
    "land_replay",
]
