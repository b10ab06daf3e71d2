"""The modes in which a schema may evolve: which side a change protects, and against how many of the versions before it.

The words are a schema registry's: *backward*: readers of the new schema can read what was written under the old one,
*forward*: readers of the old schema can read what is written under the new one, *full* is both; *transitive* compares
with every version before, not only with the last.
"""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """The side that a mode protects; NONE protects neither, FULL both."""

    NONE = "none"
    BACKWARD = "backward"
    FORWARD = "forward"
    FULL = "full"


class Mode(StrEnum):
    """A mode of schema evolution, as it is written."""

    NONE = "none"
    BACKWARD = "backward"
    BACKWARD_TRANSITIVE = "backward_transitive"
    FORWARD = "forward"
    FORWARD_TRANSITIVE = "forward_transitive"
    FULL = "full"
    FULL_TRANSITIVE = "full_transitive"

    @property
    def direction(self) -> Direction:
        """The side that it protects."""
        return Direction(self.value.removesuffix("_transitive"))

    @property
    def transitive(self) -> bool:
        """Whether a schema is compared with every version before it, not only with the last."""
        return self.value.endswith("_transitive")

    @property
    def backward(self) -> bool:
        """Whether it includes backward compatibility."""
        return self.direction in (Direction.BACKWARD, Direction.FULL)

    @property
    def forward(self) -> bool:
        """Whether it includes forward compatibility."""
        return self.direction in (Direction.FORWARD, Direction.FULL)

    def is_at_least(self, other: Mode) -> bool:
        """Whether `other` permits everything that this mode permits."""
        return (
            (self.backward or not other.backward)
            and (self.forward or not other.forward)
            and (self.transitive or not other.transitive)
        )


MODES = tuple(mode.value for mode in Mode)


def parse_mode(text: str) -> Mode | None:
    """The mode for `backward`, `BACKWARD_TRANSITIVE`, `backward-transitive`, `backward-compatible`; None is unknown."""
    word = text.strip().lower().replace("-", "_").removesuffix("_compatible")
    return Mode(word) if word in MODES else None
