"""JSON Schema's formats of text (2020-12 Validation, section 7.3) as RE2 expressions over the whole text."""

from __future__ import annotations

from collections.abc import Mapping

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEX16 = "[0-9A-Fa-f]{1,4}"


def _build_ipv6() -> str:
    """RFC 3986, section 3.2.2: `::` occurs once, for the missing groups."""
    tail = f"(?:{_HEX16}:{_HEX16}|{_IPV4})"
    forms = [f"(?:{_HEX16}:){{6}}{tail}", f"::(?:{_HEX16}:){{5}}{tail}"]
    for before in range(5):
        after = f"(?:{_HEX16}:){{{4 - before}}}{tail}"
        forms.append(f"(?:(?:{_HEX16}:){{0,{before}}}{_HEX16})?::{after}")
    forms.append(f"(?:(?:{_HEX16}:){{0,5}}{_HEX16})?::{_HEX16}")
    forms.append(f"(?:(?:{_HEX16}:){{0,6}}{_HEX16})?::")
    return "|".join(forms)


def _match_whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


FORMATS: Mapping[str, str] = {
    # What HTML's <input type=email> accepts (WHATWG, "valid e-mail address").
    "email": _match_whole(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_HOST}"),
    "hostname": _match_whole(_HOST),
    "ipv4": _match_whole(_IPV4),
    "ipv6": _match_whole(_build_ipv6()),
    # RFC 3986, section 2: the characters of a URI after its scheme.
    "uri": _match_whole(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"),
    "uuid": _match_whole("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
"""The formats that are checked; all others are ignored."""

MAX_LENGTHS: Mapping[str, int] = {"hostname": 253, "email": 254}
"""The maximum length of the whole text, which the expression cannot limit (RFC 1123; RFC 5321)."""
