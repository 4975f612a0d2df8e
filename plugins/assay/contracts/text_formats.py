"""The formats of texts that a pattern can tell, as regular expressions that RE2 matches whole.

Source: RFC 9562 (uuid), RFC 1123 section 2.1 (hostname), RFC 3986 section 3.2.2 (ipv4, ipv6) and
section 2 (uri), HTML Living Standard "Valid e-mail address" (email).
"""

from __future__ import annotations

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = rf"{_LABEL}(?:\.{_LABEL})*"
_HEX = "[0-9A-Fa-f]"


def _ipv6() -> str:
    """Eight groups; one run of absent ones is written as two colons, the last two as an IPv4."""
    group = f"{_HEX}{{1,4}}"
    last = f"(?:{group}:{group}|{_IPV4})"
    forms = [f"(?:{group}:){{6}}{last}", f"::(?:{group}:){{5}}{last}"]
    forms += [f"{_up_to(before, group)}::(?:{group}:){{{4 - before}}}{last}" for before in range(5)]
    forms += [f"{_up_to(5, group)}::{group}", f"{_up_to(6, group)}::"]
    return "|".join(forms)


def _up_to(groups: int, group: str) -> str:
    """Write at most so many groups, and one more, before two colons."""
    return f"(?:(?:{group}:){{0,{groups}}}{group})?"


PATTERNS = {
    "uuid": f"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}",
    "email": rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_HOSTNAME}",
    "hostname": _HOSTNAME,
    "ipv4": _IPV4,
    "ipv6": _ipv6(),
    "uri": rf"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%{_HEX}{{2}})*",
}
# Of what a pattern cannot tell the length.
_LONGEST = {"hostname": 253, "email": 254}


def format_predicate(sql: str, name: str) -> str:
    """Write the predicate that holds a text, as SQL says it, to a format of `PATTERNS`."""
    pattern = PATTERNS[name].replace("'", "''")
    matches = f"regexp_full_match({sql}, '{pattern}')"
    return f"{matches} and length({sql}) <= {_LONGEST[name]}" if name in _LONGEST else matches
