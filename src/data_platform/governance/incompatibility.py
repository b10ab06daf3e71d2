"""One incompatibility of two schemas: its place, and the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """One incompatibility at `path`: the names of columns and fields, outermost first; none is the whole schema."""

    path: tuple[str, ...]
    message: str

    def with_prefix(self, *outer: str) -> SchemaFinding:
        """The same finding with `outer` before its path."""
        return replace(self, path=(*outer, *self.path))

    @property
    def columns(self) -> tuple[str, ...]:
        """The column it is in; none when it is about all of them."""
        return self.path[:1]
