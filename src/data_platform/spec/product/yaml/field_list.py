"""The words of product.yaml: one list, from which the loader knows them and the editors' schema describes them.

The first spelling is the one we write; the others are what ODCS 3.2.0 and ODPS 1.1.0 call the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """One field: its name, what it means, an example, its JSON Schema, and the standards' names for it.

    `alias_shape` is the JSON Schema under those names, where it differs.
    """

    name: str
    meaning: str
    example: str
    shape: Mapping[str, Any]
    aliases: Sequence[str] = ()
    required: bool = False
    alias_shape: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Words:
    """The fields of one kind of mapping."""

    words: tuple[Word, ...]
    _canonical: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word in self.words:
            self._canonical.update(dict.fromkeys((word.name, *word.aliases), word.name))

    @property
    def names(self) -> tuple[str, ...]:
        """The fields as we write them."""
        return tuple(word.name for word in self.words)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All that may be written, the standards' names too."""
        return tuple(self._canonical)

    def find_canonical(self, spelling: str) -> str | None:
        """The field that a spelling means, or None."""
        return self._canonical.get(spelling)

    def make_example(self, name: str) -> str:
        """A line that shows how to write the field."""
        return f"write for example `{next(word.example for word in self.words if word.name == name)}`"
