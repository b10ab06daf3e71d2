"""What the glossary answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TermInfo:
    """A term of the glossary; `columns` counts those that are linked to it, and `parent` is a wider term.

    A term with a `domain` is that domain's, and others are the mesh's. A retired one is not to be used any more.
    """

    name: str
    definition: str
    owner: str
    domain: str | None
    parent: str | None
    synonyms: tuple[str, ...]
    columns: int
    defined_at: datetime
    defined_by: str
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TermList:
    """Some terms, by name; `total` counts all that match, and `letters` those that match but for the letter."""

    terms: tuple[TermInfo, ...]
    total: int
    letters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TermLink:
    """A column that is linked to a term; a field inside a column is named by its path."""

    product: str
    output: str
    column: str


@dataclass(frozen=True, slots=True)
class TermDetail:
    """A term, the terms whose parent it is, and the columns that are linked to it."""

    term: TermInfo
    narrower: tuple[str, ...]
    links: tuple[TermLink, ...]
