"""The modes in which a schema may evolve: whom a change protects, and against how many of the versions before it.

The words are a schema registry's: *backward* lets readers of the new schema read what was written under the old one,
*forward* lets readers of the old schema read what is written under the new one, *full* is both; *transitive* compares
with every version before, not only with the last.
"""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Whom a mode protects; NONE protects nobody, FULL both sides."""

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
        """Whom it protects."""
        return Direction(self.value.removesuffix("_transitive"))

    @property
    def transitive(self) -> bool:
        """Whether a schema is compared with every version before it, not only with the last."""
        return self.value.endswith("_transitive")

    @property
    def backward(self) -> bool:
        """Whether it is at least backward."""
        return self.direction in (Direction.BACKWARD, Direction.FULL)

    @property
    def forward(self) -> bool:
        """Whether it is at least forward."""
        return self.direction in (Direction.FORWARD, Direction.FULL)

    def implies(self, other: Mode) -> bool:
        """Whether whatever this mode lets pass, `other` lets pass too."""
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
