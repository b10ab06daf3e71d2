"""What of a hit's text answered the question, as plain text and places in it: nothing here is markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from data_platform.search.document import Document
from data_platform.search.query import Piece, fewest_pairs, may_go_on, typos
from data_platform.search.question import Highlight
from data_platform.search.text import Token, fold, join, pairs, tokens

Span = tuple[int, int]

LONGEST_TEXT = 160
LONGEST_SEEN = 10_000
"""Letters of a description that are looked through; a book is cut there, and its hit may stand without a highlight."""

_BEFORE = 40
_MAIN, _REST = ("name", "description", "tag"), ("domain", "owner", "output", "column")
_CUT = "…"
_NO_WORD = {code: None for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a document; `squeezed` has its letters and digits only, folded: what is not in there is not in it."""

    field: str
    text: str
    squeezed: str

    @property
    def words(self) -> tuple[Token, ...]:
        """Its words; cutting it costs more than all else, so it is done where it promises something."""
        return _words(self.text)


def highlights(document: Document, wanted: Sequence[Piece]) -> tuple[Highlight, ...]:
    """Where the document has the pieces; one that is nowhere as it is, or begun, is looked for with typos."""
    texts = [_Text(field, text, _squeezed(text)) for field, text in _texts(document)]
    spans: list[list[Span]] = [[] for _ in texts]
    for piece in wanted:
        letters = "".join(piece.words)
        found = [list(_places(each, piece)) if letters in each.squeezed else [] for each in texts]
        for fields in (_MAIN, _REST):
            if not any(found):
                found = [list(_near_places(each, piece)) if each.field in fields else [] for each in texts]
        for known, more in zip(spans, found, strict=True):
            known += more
    return tuple(
        _cut(each.field, each.text, _merged(places)) for each, places in zip(texts, spans, strict=True) if places
    )


@lru_cache(maxsize=20_000)
def _squeezed(text: str) -> str:
    return text.lower().translate(_NO_WORD) if text.isascii() else fold(text)


@lru_cache(maxsize=2_000)
def _words(text: str) -> tuple[Token, ...]:
    return tuple(tokens(text))


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    yield "name", document.name
    if document.description:
        yield "description", document.description[:LONGEST_SEEN]
    for tag in document.tags:
        yield "tag", tag
    yield "domain", document.domain
    yield "owner", document.owner
    for output in document.outputs:
        yield "output", output.name
    for column in dict.fromkeys(column for output in document.outputs for column in output.columns):
        yield "column", column


def _places(searched: _Text, piece: Piece) -> Iterator[Span]:
    text, words = searched.text, searched.words
    if piece.unspaced:
        for token in words:
            if token.unspaced:
                yield from _within(text, token, piece.words[0])
        return
    joined = join(list(piece.words))
    for at, token in enumerate(words):
        if token.unspaced:
            continue
        last = _run(words, at, piece.words) or _joined(words, at, joined)
        if last:
            yield token.start, last.end


def _run(words: Sequence[Token], at: int, wanted: Sequence[str]) -> Token | None:
    """The last of the wanted words where they stand next to each other; the last may go on."""
    if not words[at].word.startswith(wanted[0]):
        return None
    here = words[at : at + len(wanted)]
    if len(here) < len(wanted) or any(token.unspaced for token in here):
        return None
    *before, last = wanted
    fits = all(token.word == word for token, word in zip(here, before, strict=False)) and here[-1].word.startswith(last)
    return here[-1] if fits else None


def _joined(words: Sequence[Token], at: int, joined: str) -> Token | None:
    """The last word of an identifier that is `joined` without what stands between its words."""
    whole = words[at].word
    for token in words[at + 1 :]:
        if not token.glued or not joined.startswith(whole):
            return None
        whole += token.word
        if whole == joined:
            return token
    return None


def _within(text: str, token: Token, letters: str) -> Iterator[Span]:
    at = token.word.find(letters)
    if at < 0:
        return
    places = _letter_places(text[token.start : token.end], token.word)
    while at >= 0:
        yield token.start + places[at], token.start + places[at + len(letters)]
        at = token.word.find(letters, at + len(letters))


@lru_cache(maxsize=2_000)
def _letter_places(stretch: str, word: str) -> tuple[int, ...]:
    """For each letter of the folded word of a stretch, and for its end, where in the stretch it stands."""
    if len(stretch) == len(word):
        return tuple(range(len(stretch) + 1))
    places: list[int] = []
    for at in range(len(stretch)):
        places += [at] * (len(fold(stretch[: at + 1])) - len(places))
    return (*places, *[len(stretch)] * (len(word) + 1 - len(places)))


def _near_places(searched: _Text, piece: Piece) -> Iterator[Span]:
    if piece.unspaced:
        if fewest_pairs(piece.words[0]):
            known = set(pairs(piece.words[0]))
            for token in searched.words:
                if token.unspaced:
                    yield from (span for pair in known for span in _within(searched.text, token, pair))
        return
    for token in searched.words:
        if not token.unspaced and any(_is_near(word, token.word) for word in piece.words):
            yield token.start, token.end


@lru_cache(maxsize=20_000)
def _is_near(wanted: str, word: str) -> bool:
    """Whether tantivy takes the word for the wanted one, typos aside."""
    most, goes_on = typos(wanted), may_go_on(wanted)
    longest = len(wanted) + most
    if len(word) < len(wanted) - most or (len(word) > longest and not goes_on):
        return False
    if len(set(wanted).difference(word[:longest])) > most:
        return False
    shared = sum(first + second in word for first, second in pairwise(wanted))
    if shared < len(wanted) - 1 - 3 * most:  # an edit breaks three pairs at most: a swap, and one on either side
        return False
    return _within_edits(wanted, word, most, goes_on=goes_on)


def _within_edits(wanted: str, word: str, most: int, *, goes_on: bool) -> bool:
    """Whether so many edits (one letter more, less or other, or two neighbours swapped) make them equal.

    Letters that are equal at the front never need one; `goes_on` lets the word be longer for nothing.
    """
    same = next((at for at, (one, other) in enumerate(zip(wanted, word, strict=False)) if one != other), None)
    same = min(len(wanted), len(word)) if same is None else same
    wanted, word = wanted[same:], word[same:]
    if not wanted:
        return goes_on or len(word) <= most
    if not word or not most:
        return not word and len(wanted) <= most
    swapped = wanted[:2] == word[1::-1] and len(wanted) > 1
    return (
        _within_edits(wanted[1:], word[1:], most - 1, goes_on=goes_on)
        or _within_edits(wanted[1:], word, most - 1, goes_on=goes_on)
        or _within_edits(wanted, word[1:], most - 1, goes_on=goes_on)
        or (swapped and _within_edits(wanted[2:], word[2:], most - 1, goes_on=goes_on))
    )


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _cut(field: str, text: str, spans: list[Span]) -> Highlight:
    """The text around its first span, no longer than it reads at a glance."""
    if len(text) <= LONGEST_TEXT:
        return Highlight(field, text, tuple(spans))
    start = max(0, spans[0][0] - _BEFORE)
    start = text.rfind(" ", 0, start) + 1 if start and " " in text[max(0, start - _BEFORE) : start] else start
    end = min(len(text), start + LONGEST_TEXT)
    front, back = (_CUT if start else ""), (_CUT if end < len(text) else "")
    by = len(front) - start
    kept = ((max(a, start) + by, min(b, end) + by) for a, b in spans if a < end)
    return Highlight(field, f"{front}{text[start:end]}{back}", tuple(kept))
