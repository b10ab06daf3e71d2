"""What makes one schema unfit where another was relied on: a place in it, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing at `path`: the names of columns and fields from outside in; an empty path is the schema as a whole."""

    path: tuple[str, ...]
    message: str

    def under(self, *outer: str) -> Finding:
        """The same, seen from further outside."""
        return replace(self, path=(*outer, *self.path))

    @property
    def columns(self) -> tuple[str, ...]:
        """The column it is in; none when it is about all of them."""
        return self.path[:1]
