"""What of a hit's text answered the question, as plain text and places in it: nothing here is markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rapidfuzz.distance.OSA import distance

from data_platform.search.document import Document
from data_platform.search.query import Piece, fewest_pairs, may_go_on, typos
from data_platform.search.question import Highlight
from data_platform.search.text import Token, bare_words, fold, join, pairs, tokens

Span = tuple[int, int]

LONGEST_TEXT = 160
LONGEST_SEEN = 10_000
"""Letters of a description that are looked through; a book is cut there, and its hit may stand without a highlight."""

_BEFORE = 40
_MAIN, _REST = ("name", "description", "tag", "former"), ("domain", "owner", "output", "column")
_CUT = "…"
_NO_WORD = {code: None for code in range(128) if not chr(code).isalnum()}


def highlights(document: Document, wanted: Sequence[Piece]) -> tuple[Highlight, ...]:
    """Where the document has the pieces; one that is nowhere as it is, or begun, is looked for with typos."""
    texts = list(_texts(document))
    spans: dict[int, list[Span]] = {}
    for piece in wanted:
        for at, places in _found(texts, piece).items():
            spans.setdefault(at, []).extend(places)
    return tuple(_cut(*texts[at], _merged(places)) for at, places in sorted(spans.items()))


def _found(texts: Sequence[tuple[str, str]], piece: Piece) -> dict[int, list[Span]]:
    """By the number of the text, where the piece is in it."""
    letters = "".join(piece.words)
    # to cut a text into words costs more than all else, so it is done where it promises something
    likely = ((at, text) for at, (_, text) in enumerate(texts) if letters in _squeezed(text))
    found = {at: places for at, text in likely if (places := list(_places(text, piece)))}
    for fields in (_MAIN, _REST):
        if not found:
            likely = ((at, text) for at, (field, text) in enumerate(texts) if field in fields)
            found = {at: places for at, text in likely if (places := list(_near_places(text, piece)))}
    return found


@lru_cache(maxsize=20_000)
def _squeezed(text: str) -> str:
    """Its letters and digits only, folded: what is not in there is not in the text."""
    return text.lower().translate(_NO_WORD) if text.isascii() else fold(text)


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    yield "name", document.name
    if document.description:
        yield "description", document.description[:LONGEST_SEEN]
    for tag in document.tags:
        yield "tag", tag
    for name in document.former:
        yield "former", name
    yield "domain", document.domain
    yield "owner", document.owner
    for output in document.outputs:
        yield "output", output.name
    for column in dict.fromkeys(column for output in document.outputs for column in output.columns):
        yield "column", column


def _places(text: str, piece: Piece) -> Iterator[Span]:
    words = tuple(tokens(text))
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


def _near_places(text: str, piece: Piece) -> Iterator[Span]:
    if piece.unspaced:
        if fewest_pairs(piece.words[0]):
            known = set(pairs(piece.words[0]))
            for token in tokens(text):
                if token.unspaced:
                    yield from (span for pair in known for span in _within(text, token, pair))
        return
    near = {word for wanted in piece.words for word in bare_words(text) if _is_near(wanted, word)}
    if near:
        yield from ((token.start, token.end) for token in tokens(text) if token.word in near and not token.unspaced)


@lru_cache(maxsize=20_000)
def _is_near(wanted: str, word: str) -> bool:
    """Whether tantivy takes the word for the wanted one: typos are a letter more, less or other, or two swapped."""
    most, length = typos(wanted), len(wanted)
    if not may_go_on(wanted):
        return distance(wanted, word, score_cutoff=most) <= most
    # a beginning that is near is at most so many letters longer or shorter than this one
    if distance(wanted, word[:length], score_cutoff=2 * most) > 2 * most:
        return False
    return any(
        distance(wanted, word[:end], score_cutoff=most) <= most for end in range(length - most, length + most + 1)
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
