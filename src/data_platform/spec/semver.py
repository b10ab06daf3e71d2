"""Semantic versions 2.0.0 (https://semver.org), the versions of contracts."""

from __future__ import annotations

import re

_NUMBER = r"(0|[1-9][0-9]{0,8})"
SEMVER = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    r"(-[0-9A-Za-z-]{1,32}(\.[0-9A-Za-z-]{1,32}){0,7})?(\+[0-9A-Za-z-]{1,32}(\.[0-9A-Za-z-]{1,32}){0,7})?"
)
"""MAJOR.MINOR.PATCH of at most nine digits each, with a pre-release and a build if need be."""


def suggested_version(text: str) -> str | None:
    """The version that `text` was probably meant to be: 1.10 → 1.10.0, v2 → 2.0.0."""
    numbers = re.fullmatch(r"[vV]?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?", text.strip())
    return ".".join(str(int(number or 0)) for number in numbers.groups()) if numbers else None
