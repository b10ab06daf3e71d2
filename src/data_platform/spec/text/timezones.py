"""Time zones by their IANA names."""

from __future__ import annotations

from zoneinfo import ZoneInfo

_OF_THE_MACHINE = ("localtime", "posixrules", "Factory")
"""Names whose meaning depends on the machine."""


def is_timezone(name: str) -> bool:
    """Whether the name is in the IANA database, as `zoneinfo` finds it on the machine or in tzdata."""
    if name in _OF_THE_MACHINE:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
