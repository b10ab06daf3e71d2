"""A question, put to tantivy by its API: what people type is never parsed as a query language.

A text is cut at its blanks into pieces, and a hit has them all. A piece of several words (`order_id`) wants them next
to each other; a piece in a script without blanks wants its letters as they stand, anywhere in a longer stretch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tantivy import FieldType, Occur, Query

from data_platform.search.question import Filters, Match
from data_platform.search.schema import SCHEMA
from data_platform.search.text import LONGEST_WORD, join, pairs, storable, tokens

MOST_PIECES = 32
"""Pieces of a text that count: nobody types more, and a pasted page need not be looked up word by word."""

_ONE_TYPO, _TWO_TYPOS = 4, 8
_BEGUN = 5
_UNSPACED_TYPO = 6
_IN_STARTS = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that a hit must have: words next to each other, or one stretch of an unspaced script."""

    words: tuple[str, ...]
    unspaced: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way to match: `query` finds what matches so, and what matches better too."""

    match: Match | None
    query: Query


def pieces(text: str) -> tuple[Piece, ...]:
    """The pieces of a text, each once."""
    found: dict[Piece, None] = {}
    for part in text.split():
        run: list[str] = []
        for token in tokens(part):
            if token.unspaced or not token.glued:
                found |= dict.fromkeys(_words(run))
                run = []
            if token.unspaced:
                found[Piece((token.word[:LONGEST_WORD],), unspaced=True)] = None
            else:
                run.append(token.word)
        found |= dict.fromkeys(_words(run))
        if len(found) >= MOST_PIECES:
            break
    return tuple(found)[:MOST_PIECES]


def typos(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 2 if len(word) >= _TWO_TYPOS else 1 if len(word) >= _ONE_TYPO else 0


def may_go_on(word: str) -> bool:
    """Whether a word with typos may be the beginning of a longer one."""
    return len(word) >= _BEGUN


def fewest_pairs(word: str) -> int | None:
    """How many of its different pairs a stretch with a wrong letter still has; None where it must be right."""
    return max(len(set(pairs(word))) - 2, 1) if len(word) >= _UNSPACED_TYPO else None


def ways(wanted: Iterable[Piece]) -> tuple[Way, ...]:
    """The ways to match all the pieces, best first; the last but FUZZY includes all before it, and FUZZY every one."""
    wanted = tuple(wanted)
    main, anywhere = ("main",), ("main", "more")
    tried = [(Match.EXACT, _exact, main), (Match.PREFIX, _prefix, main), (Match.ELSEWHERE, _exact, anywhere)]
    tried += [(Match.ELSEWHERE, _prefix, anywhere), (Match.FUZZY, _fuzzy, anywhere)]
    return tuple(Way(match, _all(_any(how(piece, fields)) for piece in wanted)) for match, how, fields in tried)


def filtering(filters: Filters, *, without: str | None = None) -> list[tuple[Occur, Query]]:
    """The filters as clauses; `without` leaves one out."""
    clauses: list[Query] = []
    for name in ("domain", "owner", "status", "tag", "type"):
        value = getattr(filters, name)
        if value is not None and name != without:
            clauses.append(_term(name, storable(value)))
    if filters.column is not None:
        clauses.append(_term("column", storable(filters.column.casefold())))
    if filters.pii is not None:
        clauses.append(Query.term_query(SCHEMA, "pii", filters.pii))
    if filters.min_quality is not None:
        clauses.append(_at_least(filters.min_quality))
    return [(Occur.Must, clause) for clause in clauses]


def everything() -> Query:
    """All documents but the mark."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, marks())])


def marks() -> Query:
    """The mark alone."""
    return _term("id", "")


def _words(run: list[str]) -> Iterator[Piece]:
    if run:
        yield Piece(tuple(run))


def _exact(piece: Piece, fields: Iterable[str]) -> Iterator[Query]:
    for name in fields:
        if piece.unspaced:
            yield _stretch(name, piece.words[0])
            continue
        joined = join(list(piece.words))
        yield _term(name, joined)
        yield _term(f"{name}_keys", "j" + joined)
        if len(piece.words) > 1:
            yield Query.phrase_query(SCHEMA, name, list(piece.words))


def _stretch(name: str, word: str) -> Query:
    if len(word) == 1:
        return _term(f"{name}_keys", "c" + word)
    parts = pairs(word)
    return _term(name, word) if len(parts) == 1 else Query.phrase_query(SCHEMA, name, list(parts))


def _prefix(piece: Piece, fields: Iterable[str]) -> Iterator[Query]:
    yield from _exact(piece, fields)
    if piece.unspaced:
        return
    *before, last = piece.words
    for name in fields:
        begun = _begun(name, last, f"{before[-1]}-" if before else "")
        if len(before) > 1:
            yield _all((Query.phrase_query(SCHEMA, name, list(before)), begun))
        else:
            yield begun


def _begun(name: str, last: str, before: str) -> Query:
    """A word that begins so, after the one before it in an identifier.

    The shortest beginnings have keys: there may be as many words behind them as there are products.
    """
    if len(last) <= _IN_STARTS:
        return _term(f"{name}_keys", f"s{before}{last}")
    if before:
        return Query.fuzzy_term_query(SCHEMA, f"{name}_keys", f"n{before}{last}", distance=0, prefix=True)
    return Query.fuzzy_term_query(SCHEMA, name, last, distance=0, prefix=True)


def _fuzzy(piece: Piece, fields: Iterable[str]) -> Iterator[Query]:
    if len(piece.words) == 1 and not piece.unspaced and may_go_on(piece.words[0]):
        yield from (_term(f"{name}_keys", "j" + piece.words[0]) for name in fields)  # the rest is nearly so, too
    else:
        yield from _prefix(piece, fields)
    for name in fields:
        if not piece.unspaced:
            yield _all(_nearly(name, word) for word in piece.words)
        elif fewest := fewest_pairs(piece.words[0]):
            likely = [(Occur.Should, _term(name, part)) for part in dict.fromkeys(pairs(piece.words[0]))]
            yield Query.boolean_query(likely, minimum_number_should_match=fewest)


def _nearly(name: str, word: str) -> Query:
    distance = typos(word)
    if not distance:
        return _term(name, word)
    return Query.fuzzy_term_query(SCHEMA, name, word, distance=distance, prefix=may_go_on(word))


def _at_least(quality: float) -> Query:
    if math.isnan(quality):
        return Query.empty_query()
    return Query.range_query(SCHEMA, "quality", FieldType.Float, lower_bound=float(quality))


def _term(name: str, value: Any) -> Query:
    return Query.term_query(SCHEMA, name, value, index_option="basic")


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])
