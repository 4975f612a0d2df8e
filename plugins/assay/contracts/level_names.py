"""The names of the standard's service levels, in their long and their short form.

Source: Open Data Contract Standard v3.1, "Valid Values for SLA Properties".
"""

from __future__ import annotations

_SHORT = {
    "av": "availability",
    "th": "throughput",
    "er": "errorRate",
    "ga": "generalAvailability",
    "es": "endOfSupport",
    "el": "endOfLife",
    "re": "retention",
    "fy": "frequency",
    "ly": "latency",
    "td": "timeToDetect",
    "tn": "timeToNotify",
    "tr": "timeToRepair",
}


def long_name(written: str | None) -> str:
    """Return a service level's long name where its short one is written, else what is written."""
    name = written or ""
    return _SHORT.get(name.lower(), name)


def level_name(written: str | None) -> str:
    """Return what makes a service level's name the same one: its long name in small letters."""
    return long_name(written).lower()
