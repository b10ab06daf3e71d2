"""The matching parts of a hit's text, as plain text with places in it, without markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from data_platform.search.document import SearchDocument
from data_platform.search.query import QueryPiece, count_allowed_typos, count_fewest_pairs, may_go_on
from data_platform.search.question import Highlight
from data_platform.search.text import Token, fold, join, split_bare_words, split_pairs, split_tokens
from data_platform.search.typos import has_few_typos

Span = tuple[int, int]

LONGEST_TEXT = 160
LONGEST_SEEN = 10_000
"""Letters of a description that are searched; a match after them has no highlight."""

_BEFORE = 40
_MAIN, _REST = ("name", "description", "tag", "former"), ("domain", "owner", "output", "column", "term")
_CUT = "…"
_NO_WORD = {code: None for code in range(128) if not chr(code).isalnum()}


def highlight_document(document: SearchDocument, wanted: Sequence[QueryPiece]) -> tuple[Highlight, ...]:
    """Where the document has the pieces; a piece without an exact or prefix match is searched with typos."""
    texts = list(_list_texts(document))
    spans: dict[int, list[Span]] = {}
    for piece in wanted:
        for at, places in _find_piece(texts, piece).items():
            spans.setdefault(at, []).extend(places)
    return tuple(_truncate_text(*texts[at], _merge_spans(places)) for at, places in sorted(spans.items()))


def _find_piece(texts: Sequence[tuple[str, str]], piece: QueryPiece) -> dict[int, list[Span]]:
    """The places of the piece, by the index of the text."""
    letters = "".join(piece.words)
    # to split a text into words is expensive, so it is done only where the letters occur
    likely = ((at, text) for at, (_, text) in enumerate(texts) if letters in _fold_letters(text))
    spans = {at: places for at, text in likely if (places := list(_find_places(text, piece)))}
    for fields in (_MAIN, _REST):
        if not spans:
            likely = ((at, text) for at, (field, text) in enumerate(texts) if field in fields)
            spans = {at: places for at, text in likely if (places := list(_find_near_places(text, piece)))}
    return spans


@lru_cache(maxsize=20_000)
def _fold_letters(text: str) -> str:
    """Its letters and digits only, folded: a piece that is not in them is not in the text."""
    return text.lower().translate(_NO_WORD) if text.isascii() else fold(text)


def _list_texts(document: SearchDocument) -> Iterator[tuple[str, str]]:
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
    for term in document.terms:
        yield "term", term


def _find_places(text: str, piece: QueryPiece) -> Iterator[Span]:
    words = tuple(split_tokens(text))
    if piece.unspaced:
        for token in words:
            if token.unspaced:
                yield from _find_within(text, token, piece.words[0])
        return
    joined = join(list(piece.words))
    for at, token in enumerate(words):
        if token.unspaced:
            continue
        last = _match_run(words, at, piece.words) or _match_joined(words, at, joined)
        if last:
            yield token.start, last.end


def _match_run(words: Sequence[Token], at: int, wanted: Sequence[str]) -> Token | None:
    """The last of the wanted words where they are adjacent; the last may be the beginning of a longer one."""
    if not words[at].word.startswith(wanted[0]):
        return None
    here = words[at : at + len(wanted)]
    if len(here) < len(wanted) or any(token.unspaced for token in here):
        return None
    *before, last = wanted
    fits = all(token.word == word for token, word in zip(here, before, strict=False)) and here[-1].word.startswith(last)
    return here[-1] if fits else None


def _match_joined(words: Sequence[Token], at: int, joined: str) -> Token | None:
    """The last word of an identifier that is `joined` without the separators between its words."""
    whole = words[at].word
    for token in words[at + 1 :]:
        if not token.glued or not joined.startswith(whole):
            return None
        whole += token.word
        if whole == joined:
            return token
    return None


def _find_within(text: str, token: Token, letters: str) -> Iterator[Span]:
    at = token.word.find(letters)
    if at < 0:
        return
    places = _map_letters(text[token.start : token.end], token.word)
    while at >= 0:
        yield token.start + places[at], token.start + places[at + len(letters)]
        at = token.word.find(letters, at + len(letters))


@lru_cache(maxsize=2_000)
def _map_letters(stretch: str, word: str) -> tuple[int, ...]:
    """For each letter of the folded word of a stretch, and for its end, its place in the stretch."""
    if len(stretch) == len(word):
        return tuple(range(len(stretch) + 1))
    places: list[int] = []
    for at in range(len(stretch)):
        places += [at] * (len(fold(stretch[: at + 1])) - len(places))
    return (*places, *[len(stretch)] * (len(word) + 1 - len(places)))


def _find_near_places(text: str, piece: QueryPiece) -> Iterator[Span]:
    if piece.unspaced:
        if count_fewest_pairs(piece.words[0]):
            letter_pairs = set(split_pairs(piece.words[0]))
            for token in split_tokens(text):
                if token.unspaced:
                    yield from (span for pair in letter_pairs for span in _find_within(text, token, pair))
        return
    near = {word for wanted in piece.words for word in split_bare_words(text) if _is_near(wanted, word)}
    if near:
        yield from (
            (token.start, token.end) for token in split_tokens(text) if token.word in near and not token.unspaced
        )


@lru_cache(maxsize=20_000)
def _is_near(wanted: str, word: str) -> bool:
    """Whether tantivy takes the word for the wanted one: typos are a letter more, less or other, or two swapped."""
    most, length = count_allowed_typos(wanted), len(wanted)
    if not may_go_on(wanted):
        return has_few_typos(wanted, word, most)
    # a beginning that is near is at most so many letters longer or shorter than this one
    if not has_few_typos(wanted, word[:length], 2 * most):
        return False
    return any(has_few_typos(wanted, word[:end], most) for end in range(length - most, length + most + 1))


def _merge_spans(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _truncate_text(field: str, text: str, spans: list[Span]) -> Highlight:
    """The text around its first span, of at most LONGEST_TEXT letters."""
    if len(text) <= LONGEST_TEXT:
        return Highlight(field, text, tuple(spans))
    start = max(0, spans[0][0] - _BEFORE)
    start = text.rfind(" ", 0, start) + 1 if start and " " in text[max(0, start - _BEFORE) : start] else start
    end = min(len(text), start + LONGEST_TEXT)
    front, back = (_CUT if start else ""), (_CUT if end < len(text) else "")
    by = len(front) - start
    kept = ((max(a, start) + by, min(b, end) + by) for a, b in spans if a < end)
    return Highlight(field, f"{front}{text[start:end]}{back}", tuple(kept))
