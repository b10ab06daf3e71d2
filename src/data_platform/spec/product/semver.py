"""Semantic versions 2.0.0 (https://semver.org), the versions of contracts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_NUMBER = r"(0|[1-9][0-9]{0,8})"
SEMVER = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    r"(-[0-9A-Za-z-]{1,32}(\.[0-9A-Za-z-]{1,32}){0,7})?(\+[0-9A-Za-z-]{1,32}(\.[0-9A-Za-z-]{1,32}){0,7})?"
)
"""MAJOR.MINOR.PATCH of at most nine digits each, with a pre-release and a build if need be."""


@dataclass(frozen=True, slots=True)
class SemVer:
    """A version in its parts; `pre` holds the identifiers of a pre-release. Builds have no precedence (section 10)."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of a version; ValueError when it is none."""
        match = SEMVER.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no semantic version")
        pre = tuple(match[4][1:].split(".")) if match[4] else ()
        return cls(int(match[1]), int(match[2]), int(match[3]), pre)

    @property
    def next_major(self) -> str:
        """The version for a change that breaks."""
        return f"{self.major + 1}.0.0"

    @property
    def next_minor(self) -> str:
        """The version for a change that adds."""
        return f"{self.major}.{self.minor + 1}.0"

    def is_before(self, other: SemVer) -> bool:
        """Whether it has the lower precedence (section 11)."""
        return self._order() < other._order()

    def _order(self) -> tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]:
        words = ((not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in self.pre)
        return self.major, self.minor, self.patch, not self.pre, tuple(words)


def suggest_version(text: str) -> str | None:
    """The version that `text` was probably meant to be: 1.10 → 1.10.0, v2 → 2.0.0."""
    numbers = re.fullmatch(r"[vV]?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?", text.strip())
    return ".".join(str(int(number or 0)) for number in numbers.groups()) if numbers else None
