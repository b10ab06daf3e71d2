"""OpenLineage events as a caller sees them: without the datasets of products that are hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from data_platform.lineage.naming import PLATFORM, Name
from data_platform.record.catalog import outputs
from data_platform.verbs.core.authorization.visible_part import VisiblePart
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.dataset_names import name_row


@dataclass(frozen=True, slots=True)
class VisibleDatasets:
    """The datasets that a caller sees: all but those of hidden products.

    `streams` are the names of their streams, `folders` the ends of the paths of their tables: an event that was kept
    before the home was moved or restored elsewhere names a table by its former path.
    """

    part: VisiblePart
    streams: frozenset[Name] = frozenset()
    folders: frozenset[str] = frozenset()

    @classmethod
    def find(cls, context: Context, conn: Connection, part: VisiblePart) -> VisibleDatasets:
        """Returns the datasets that are visible in a part of the mesh."""
        if not part.hidden:
            return cls(part)
        hidden = [(row, name_row(context, row)) for row in outputs.list_all(conn) if row.product in part.hidden]
        return cls(
            part,
            frozenset(name for row, name in hidden if row.topic),
            frozenset(_cut_path(name.name) for row, name in hidden if not row.topic),
        )

    def prune(self, events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The events; no list in them has a hidden dataset: no inputs, no outputs, no fields that columns come from.

        What a hidden product expects of another one is left out too.
        """
        return [self._prune(event) for event in events] if self.part.hidden else [*events]

    def _prune(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._prune(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._prune(item) for item in value if not self._is_hidden(item)]
        return value

    def _is_hidden(self, value: Any) -> bool:
        if not isinstance(value, dict) or not isinstance(name := value.get("name"), str):
            return False
        if "assertion" in value:
            return not self.part.shows_rule(name)
        namespace = str(value.get("namespace"))
        is_of_hidden = namespace == PLATFORM and name.partition(".")[0] in self.part.hidden
        return is_of_hidden or Name(namespace, name) in self.streams or _cut_path(name) in self.folders


def _cut_path(path: str) -> str:
    """The last two folders of the path of a table: those of its product and of its output."""
    return "/".join(path.split("/")[-2:])
