"""What a frame says of where its rows come from, without the engine, which is loaded where a frame is made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage


class TracedRows(ABC):
    """Rows that know what they were made from."""

    @property
    @abstractmethod
    def provenance(self) -> Mapping[Origin, frozenset[str]]:
        """Every origin of the rows, with the columns that are read of it."""

    @property
    @abstractmethod
    def column_lineage(self) -> ColumnLineage[Origin]:
        """The origin columns that each column is made from, and those that decide about the rows."""

    @property
    @abstractmethod
    def outline(self) -> str | None:
        """The query that makes the rows, as SQL without values."""
