"""Sentences: what the platform says of a case in English, with its kind and the values in it.

Who shows sentences in another language has a pattern for each kind, and puts the same values into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LISTED = 5
"""How many names a sentence lists; it counts the others."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The English `text` of a `kind` with `values` in it.

    The value `names` lists five names at most, and `more` counts the others. `seconds` is the length of the time that
    `age` has in words.
    """

    kind: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.text


def make_sentence(kind: str, pattern: str, /, names: Sequence[str] = (), **values: str | int) -> Sentence:
    """The sentence of a kind: `{name}` in its English pattern is replaced by the value of that name."""
    texts = {name: str(value) for name, value in values.items()}
    if not names:
        return Sentence(kind, pattern.format_map(texts), texts)
    listed = texts["names"] = ", ".join(names[:LISTED])
    if len(names) <= LISTED:
        return Sentence(kind, pattern.format_map(texts), texts)
    more = texts["more"] = str(len(names) - LISTED)
    return Sentence(kind, pattern.format_map({**texts, "names": f"{listed} and {more} more"}), texts)


def join_sentences(sentences: Iterable[Sentence]) -> str:
    """Sentences about one thing in one line."""
    return "; ".join(map(str, sentences))
