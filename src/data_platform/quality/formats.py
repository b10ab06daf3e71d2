"""JSON Schema's formats of text (2020-12 Validation, section 7.3) as RE2 expressions over the whole text."""

from __future__ import annotations

from collections.abc import Mapping

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEX16 = "[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """RFC 3986, section 3.2.2: `::` stands once, for as many groups as are missing."""
    tail = f"(?:{_HEX16}:{_HEX16}|{_IPV4})"
    forms = [f"(?:{_HEX16}:){{6}}{tail}", f"::(?:{_HEX16}:){{5}}{tail}"]
    for before in range(5):
        after = f"(?:{_HEX16}:){{{4 - before}}}{tail}"
        forms.append(f"(?:(?:{_HEX16}:){{0,{before}}}{_HEX16})?::{after}")
    forms.append(f"(?:(?:{_HEX16}:){{0,5}}{_HEX16})?::{_HEX16}")
    forms.append(f"(?:(?:{_HEX16}:){{0,6}}{_HEX16})?::")
    return "|".join(forms)


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


FORMATS: Mapping[str, str] = {
    # What HTML's <input type=email> accepts (WHATWG, "valid e-mail address").
    "email": _whole(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_HOST}"),
    "hostname": _whole(_HOST),
    "ipv4": _whole(_IPV4),
    "ipv6": _whole(_ipv6()),
    # RFC 3986, section 2: what may stand in a URI, after a scheme.
    "uri": _whole(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"),
    "uuid": _whole("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
"""Each format that is checked; the others say nothing."""

MAX_LENGTHS: Mapping[str, int] = {"hostname": 253, "email": 254}
"""What the expression cannot say: how long the whole text may be (RFC 1123; RFC 5321)."""
