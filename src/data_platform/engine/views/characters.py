"""Splits text into what a reader sees as characters: a letter with its accents, a joined emoji, a flag.

It follows the rules of Unicode Standard Annex #29 that join characters, and joins rather more than less.
"""

from __future__ import annotations

from unicodedata import category

_JOINER = "\u200d"


def split_characters(text: str) -> list[str]:
    """The characters in order."""
    characters: list[str] = []
    for char in text:
        if characters and _continues(characters[-1], char):
            characters[-1] += char
        else:
            characters.append(char)
    return characters


def is_visible(character: str) -> bool:
    """Whether a reader sees anything of it: not of blanks, controls, formats, fillers, and marks without a letter."""
    return any(category(char)[0] not in "CZM" and char not in _FILLERS for char in character)


_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"


def _continues(character: str, char: str) -> bool:
    """Whether `char` belongs to the character before it."""
    last = character[-1]
    if char == "\n" or last == "\n":
        return character == "\r"
    if category(char).startswith("M") or char == _JOINER or last == _JOINER:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff":  # tones of skin
        return True
    if "\U0001f1e6" <= char <= "\U0001f1ff":  # a flag is two letters
        return len(character) % 2 == 1 and all("\U0001f1e6" <= one <= "\U0001f1ff" for one in character)
    return _is_hangul_part(char) and ("\uac00" <= last <= "\ud7a3" or "\u1100" <= last <= "\u11ff")


def _is_hangul_part(char: str) -> bool:
    return "\u1160" <= char <= "\u11ff"
