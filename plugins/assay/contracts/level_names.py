"""The names of the standard's service levels, in their long and their short form.

Source: Open Data Contract Standard v3.1, "Valid Values for SLA Properties".
"""

from __future__ import annotations

_SHORT = {
    "av": "availability",
    "th": "throughput",
    "er": "errorrate",
    "ga": "generalavailability",
    "es": "endofsupport",
    "el": "endoflife",
    "re": "retention",
    "fy": "frequency",
    "ly": "latency",
    "td": "timetodetect",
    "tn": "timetonotify",
    "tr": "timetorepair",
}


def level_name(written: str | None) -> str:
    """Return a service level's one name, in small letters; of an unknown one what is written."""
    name = (written or "").lower()
    return _SHORT.get(name, name)
