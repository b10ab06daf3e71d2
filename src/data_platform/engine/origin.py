"""Where a column's data came from, as used by usage, lineage and provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """One version of a product's output, or one table of a declared source (then `version` is None).

    Of an output's later majors, `output` is `name@major`. For a source, `name` is the source's name in the settings and
    `output` the table read from it.
    """

    kind: Literal["product", "source"]
    name: str
    output: str
    version: int | None = None

    def __str__(self) -> str:
        return f"{self.name}.{self.output}" + ("" if self.version is None else f"#{self.version}")


Reads = Mapping[Origin, frozenset[str]]
"""The columns really read, by origin; an origin of which only rows were counted has an empty set."""

OnRead = Callable[[Reads], None]
"""Called once per action, before its first row is returned, with the columns that the action reads."""

OnFail = Callable[[str], None]
"""Called with the reason when files cannot be read."""
