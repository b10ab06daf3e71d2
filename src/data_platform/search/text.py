"""Text as search sees it: words in any script, folded so that case, width and composition do not matter.

- Letters, marks and digits make words; `orderId`, `order_id` and `order-id` are all the words `order` and `id`, and
  also the one word `orderid`.
- Chinese, Japanese, Thai, Lao, Khmer and Burmese set no blanks between words: an unbroken stretch of such letters is
  one `Token` with `unspaced`, which the index cuts into pairs of letters, so that any part of it can be found.
- Folding is Unicode's NFKC_Casefold (UAX #31): `Ｏｒｄｅｒｓ` is `orders`, `ﾃﾞｰﾀ` is `データ`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

LONGEST_WORD = 64
"""The maximum of letters of a word; no word of a language is longer, and hostile text is cut."""

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x19E0, 0x19FF),  # Khmer symbols
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),  # 々 〆 〇
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xA9E0, 0xA9FF),  # Myanmar extended
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),  # CJK compatibility
    (0x1B000, 0x1B16F),  # Kana supplements
    (0x20000, 0x3FFFF),  # CJK extensions B and later
)
_SHAPES = {"Lu": "u", "Lt": "u", "Ll": "l", "Lo": "l", "Lm": "l", "Mn": "m", "Mc": "m", "Me": "m"}
_JOINERS = "\u00ad\u200c\u200d"
_GLUE = "_-."
_BLANK = " "

_STRETCH = re.compile(r"(?P<unspaced>c[cm]*)|[uld][uldm]*(?:g[uld][uldm]*)*")
_WORD = re.compile(r"u[um]*(?![lm])|u?[lm]+|u|d[dm]*")
_ASCII_STRETCH = re.compile(r"[A-Za-z0-9]+(?:[_.-][A-Za-z0-9]+)*")
_ASCII_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|[0-9]+")


class Token(NamedTuple):
    """A folded word, and its place in the text: `text[start:end]`; `glued` words belong to one identifier."""

    word: str
    start: int
    end: int
    unspaced: bool
    glued: bool


class _Shapes(dict[int, str]):
    """Of each character the one letter that says what it is to a word: u, l, d, m, c (unspaced), g (glue) or blank."""

    def __missing__(self, code: int) -> str:
        shape = self[code] = _find_shape(chr(code))
        return shape


class _Letters(dict[int, str | None]):
    """What a folded word keeps of each character."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        dropped = character in _JOINERS or _SHAPE_OF[code] in "g "
        kept = self[code] = None if dropped else character
        return kept


_SHAPE_OF = _Shapes()
_LETTERS = _Letters()


def split_tokens(text: str) -> Iterator[Token]:
    """The words of a text, in order."""
    return _split_ascii(text) if text.isascii() else _split_any(text)


def split_bare_words(text: str) -> list[str]:
    """The words of a text that are separated by blanks, in order: as `split_tokens`, without their places."""
    if text.isascii():
        return [word.lower()[:LONGEST_WORD] for word in _ASCII_WORD.findall(text)]
    return [token.word for token in _split_any(text) if not token.unspaced]


def _split_ascii(text: str) -> Iterator[Token]:
    """As `_split_any`, in a third of the time."""
    last = -2
    for part in _ASCII_WORD.finditer(text):
        start, end = part.span()
        glued = start == last or (start == last + 1 and text[last] in _GLUE)
        yield Token(part[0].lower()[:LONGEST_WORD], start, end, False, glued)
        last = end


def _split_any(text: str) -> Iterator[Token]:
    shapes = text.translate(_SHAPE_OF)
    for stretch in _STRETCH.finditer(shapes):
        start, end = stretch.span()
        if stretch["unspaced"]:
            if word := fold(text[start:end]):
                yield Token(word, start, end, True, False)
            continue
        glued = False
        for part in _WORD.finditer(shapes, start, end):
            if word := fold(text[slice(*part.span())])[:LONGEST_WORD]:
                yield Token(word, *part.span(), False, glued)
                glued = True


def fold(word: str) -> str:
    """The word as it is compared: NFKC_Casefold, and nothing in it but letters, marks and digits."""
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFC", folded.translate(_LETTERS))


def split_pairs(word: str) -> list[str]:
    """The pairs of neighbouring letters of an unspaced word; a single letter is itself."""
    return [first + second for first, second in pairwise(word)] or [word]


class Indexed(NamedTuple):
    """Texts as the index holds them: `words` in order, set apart by blanks, and `keys` that are only looked up.

    A key is a mark and a text: `j` an identifier's words joined, `n` two neighbours of them, `s` how a word or the
    second of two neighbours starts, `c` one unspaced letter.
    """

    words: str
    keys: str


APART = "|"
"""Separates two texts: it is in no word, so a phrase never spans two texts."""


def index_texts(texts: Iterable[str], labels: Iterable[str] = ()) -> Indexed:
    """What the index holds of some texts; `labels` are such as come again and again, in one product after the other.

    A key may occur more than once: that does not slow the search, and removing duplicates would cost time.
    """
    entries = [_index_text(text) for text in texts]
    entries += [_index_label(text) if len(text) <= _SHORT else _index_text(text) for text in labels]
    return Indexed(_BETWEEN.join([words for words, _ in entries]), " ".join([keys for _, keys in entries]))


def _index_text(text: str) -> tuple[str, str]:
    if text.isascii():
        if " " not in text and len(text) <= _SHORT:
            return _index_ascii(text)
        return _merge_parts(
            [_index_ascii_cached(part) if len(part) <= _SHORT else _index_ascii(part) for part in text.split()]
        )
    words: list[str] = []
    keys: set[str] = set()
    _add_any(text, words, keys)
    return " ".join(words), " ".join(keys)


_BETWEEN = f" {APART} "
_SHORT = 40
_index_label = lru_cache(maxsize=50_000)(_index_text)


def _merge_parts(parts: list[tuple[str, str]]) -> tuple[str, str]:
    """The words of every part, and the keys of each that is not like another."""
    return " ".join([words for words, _ in parts if words]), " ".join({keys for _, keys in parts})


def _index_ascii(part: str) -> tuple[str, str]:
    """As `_add_any`, in a tenth of the time, for a text without blanks."""
    words: list[str] = []
    keys: set[str] = set()
    for stretch in _ASCII_STRETCH.findall(part):
        _add_identifier([word.lower()[:LONGEST_WORD] for word in _ASCII_WORD.findall(stretch)], words, keys)
    return " ".join(words), " ".join(keys)


_index_ascii_cached = lru_cache(maxsize=50_000)(_index_ascii)
"""Words repeat often, so they are cached."""


def _add_any(text: str, words: list[str], keys: set[str]) -> None:
    identifier: list[str] = []
    for token in split_tokens(text):
        if not token.glued and identifier:
            _add_identifier(identifier, words, keys)
            identifier = []
        if token.unspaced:
            words += split_pairs(token.word)
            keys.update(map("c".__add__, token.word))
        else:
            identifier.append(token.word)
    _add_identifier(identifier, words, keys)


def _add_identifier(parts: list[str], words: list[str], keys: set[str]) -> None:
    words += parts
    for word in parts:
        keys.update(("s" + word[:1], "s" + word[:2]))
    if len(parts) > 1:
        keys.add("j" + join(parts))
        for first, second in pairwise(parts):
            keys.update((f"n{first}-{second}", f"s{first}-{second[:1]}", f"s{first}-{second[:2]}"))


def to_storable(text: str) -> str:
    """The text without lone surrogates, which no index holds."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def join(parts: list[str]) -> str:
    """An identifier's words as one."""
    return "".join(parts)[:LONGEST_WORD]


def _find_shape(character: str) -> str:
    if character in _JOINERS:
        return "m"
    if character in _GLUE:
        return "g"
    shape = _BLANK
    for part in unicodedata.normalize("NFKC", character):
        if any(first <= ord(part) <= last for first, last in _UNSPACED) and unicodedata.category(part)[0] in "LMN":
            return "c"
        category = unicodedata.category(part)
        own = "d" if category[0] == "N" else _SHAPES.get(category, _BLANK)
        shape = own if shape == _BLANK else shape
    return shape
