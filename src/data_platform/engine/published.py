"""Facts of the version that a consumed frame reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from data_platform.engine.origin import Origin

VersionLineage = Mapping[Origin, frozenset[str]]
"""The origins of a version, with the columns read of each; an empty set if they are unknown."""


@dataclass(frozen=True)
class PublishedVersion:
    """A data version, and its statistics by column; its lineage is read from the record when it is first used."""

    version: int
    statistics: Mapping[str, Mapping[str, Any]]
    read_lineage: Callable[[], VersionLineage]

    @cached_property
    def lineage(self) -> VersionLineage:
        """The origins that the version was made from."""
        return self.read_lineage()
