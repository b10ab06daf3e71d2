"""What of a hit's text answered the question, as plain text and places in it: nothing here is markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from data_platform.search.document import Document
from data_platform.search.query import Piece, fewest_pairs, may_go_on, typos
from data_platform.search.question import Highlight
from data_platform.search.text import Token, fold, join, pairs, tokens

Span = tuple[int, int]

LONGEST_TEXT = 160
_BEFORE = 40
_CUT = "…"


def highlights(document: Document, wanted: Sequence[Piece]) -> tuple[Highlight, ...]:
    """Where the document has the pieces; a piece found nowhere as it is, or begun, is looked for with typos."""
    texts = [(field, text, tuple(tokens(text))) for field, text in _texts(document)]
    spans: list[list[Span]] = [[] for _ in texts]
    for piece in wanted:
        found = [list(_places(text, words, piece)) for _, text, words in texts]
        if not any(found):
            found = [list(_near_places(text, words, piece)) for _, text, words in texts]
        for known, more in zip(spans, found, strict=True):
            known += more
    return tuple(
        _cut(field, text, _merged(places)) for (field, text, _), places in zip(texts, spans, strict=True) if places
    )


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    yield "name", document.name
    if document.description:
        yield "description", document.description
    for tag in document.tags:
        yield "tag", tag
    yield "domain", document.domain
    yield "owner", document.owner
    for output in document.outputs:
        yield "output", output.name
    for column in dict.fromkeys(column for output in document.outputs for column in output.columns):
        yield "column", column


def _places(text: str, words: Sequence[Token], piece: Piece) -> Iterator[Span]:
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
    places = _letter_places(text, token)
    while at >= 0:
        yield places[at], places[at + len(letters)]
        at = token.word.find(letters, at + len(letters))


def _letter_places(text: str, token: Token) -> list[int]:
    """For each folded letter of a stretch, and for its end, where in the text it stands."""
    if token.end - token.start == len(token.word):
        return list(range(token.start, token.end + 1))
    places: list[int] = []
    for at in range(token.start, token.end):
        places += [at] * (len(fold(text[token.start : at + 1])) - len(places))
    return [*places, *[token.end] * (len(token.word) + 1 - len(places))]


def _near_places(text: str, words: Sequence[Token], piece: Piece) -> Iterator[Span]:
    if piece.unspaced:
        if fewest_pairs(piece.words[0]):
            known = set(pairs(piece.words[0]))
            for token in words:
                if token.unspaced:
                    yield from (span for pair in known for span in _within(text, token, pair))
        return
    for token in words:
        if not token.unspaced and any(_is_near(word, token.word) for word in piece.words):
            yield token.start, token.end


@lru_cache(maxsize=20_000)
def _is_near(wanted: str, word: str) -> bool:
    """Whether the word is the wanted one but for its typos; the same as tantivy's automaton would say."""
    most = typos(wanted)
    goes_on = may_go_on(wanted)
    if len(word) < len(wanted) - most or (len(word) > len(wanted) + most and not goes_on):
        return False
    before, row = [0] * (len(word) + 1), list(range(len(word) + 1))
    for i, letter in enumerate(wanted, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and wanted[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
    return (min(row) if goes_on else row[-1]) <= most


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
