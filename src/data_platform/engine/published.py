"""Facts of the version that a consumed frame reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from data_platform.engine.origin import Origin

VersionLineage = Mapping[Origin, frozenset[str]]
"""What a version was made from, with the columns that were read of it; an empty set where they are unknown."""


@dataclass(frozen=True)
class PublishedVersion:
    """A data version, and its statistics by column; its lineage is read from the record when it is first used."""

    version: int
    statistics: Mapping[str, Mapping[str, Any]]
    read_lineage: Callable[[], VersionLineage]

    @cached_property
    def lineage(self) -> VersionLineage:
        """What the version was made from."""
        return self.read_lineage()
