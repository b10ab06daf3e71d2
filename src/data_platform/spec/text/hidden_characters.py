"""Characters that a terminal acts on, or that a reader cannot see."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"
"""Persian, Indic scripts and emoji need them, and they have no effect on a terminal."""


def is_hidden(character: str) -> bool:
    """Whether the character could move a cursor, hide or turn text: control, format, separator, surrogate."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in JOINERS
