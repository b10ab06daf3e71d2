"""The content of the index for a product: facts to search, filter, count and show without another query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutputEntry:
    """One output, and the names of its columns."""

    name: str
    type: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One product as it can be found; `quality` is 0–100, None before rules judged anything.

    `former` are the names that it had before, `terms` those of the glossary that its columns are linked to.
    `published_at` is the last publish of an output in use. The first of its freshness promises that can be measured
    ends at `stale_at`. `deprecated` says that all of its outputs are.
    """

    name: str
    domain: str
    owner: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    status: str = "active"
    version: str = "1.0.0"
    outputs: tuple[OutputEntry, ...] = ()
    pii: bool = False
    quality: float | None = None
    views: int = 0
    consumers: int = 0
    last_read: datetime | None = None
    former: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    published_at: datetime | None = None
    promises_freshness: bool = False
    stale_at: datetime | None = None
    archived: bool = False
    deprecated: bool = False
