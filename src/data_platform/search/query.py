"""Queries for tantivy, built by its API: a user's text is never parsed as a query language.

A text is cut at its blanks into pieces, and a hit has them all. A piece of several words (`order_id`) wants them next
to each other; a piece in a script without blanks wants its letters in this order, anywhere in a longer stretch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tantivy import FieldType, Occur, Query

from data_platform.search.freshness import LATE, ON_TIME, FreshnessState, count_microseconds
from data_platform.search.question import Filters, Match
from data_platform.search.schema import SCHEMA
from data_platform.search.text import LONGEST_WORD, join, split_pairs, split_tokens, to_storable

MOST_PIECES = 32
"""The maximum of pieces of a text; the rest of a pasted page is ignored."""

_ONE_TYPO, _TWO_TYPOS = 4, 8
_BEGUN = 5
_UNSPACED_TYPO = 6
_IN_STARTS = 2


@dataclass(frozen=True, slots=True)
class QueryPiece:
    """One thing that a hit must have: words next to each other, or one stretch of an unspaced script."""

    words: tuple[str, ...]
    unspaced: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way to match: `query` finds what matches so, and what matches better too."""

    match: Match | None
    query: Query


def split_pieces(text: str) -> tuple[QueryPiece, ...]:
    """The pieces of a text, each once."""
    distinct: dict[QueryPiece, None] = {}
    for part in text.split():
        run: list[str] = []
        for token in split_tokens(part):
            if token.unspaced or not token.glued:
                distinct |= dict.fromkeys(_make_piece(run))
                run = []
            if token.unspaced:
                distinct[QueryPiece((token.word[:LONGEST_WORD],), unspaced=True)] = None
            else:
                run.append(token.word)
        distinct |= dict.fromkeys(_make_piece(run))
        if len(distinct) >= MOST_PIECES:
            break
    return tuple(distinct)[:MOST_PIECES]


def count_allowed_typos(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 2 if len(word) >= _TWO_TYPOS else 1 if len(word) >= _ONE_TYPO else 0


def may_go_on(word: str) -> bool:
    """Whether a word with typos may be the beginning of a longer one."""
    return len(word) >= _BEGUN


def count_fewest_pairs(word: str) -> int | None:
    """How many of its different pairs a stretch with a wrong letter still has; None where it must be right."""
    return max(len(set(split_pairs(word))) - 2, 1) if len(word) >= _UNSPACED_TYPO else None


def build_ways(wanted: Iterable[QueryPiece]) -> tuple[Way, ...]:
    """The ways to match all the pieces, best first; the last but FUZZY includes all before it, and FUZZY every one."""
    wanted = tuple(wanted)
    main, anywhere = ("main",), ("main", "more")
    tried = [
        (Match.EXACT, _match_exact, main),
        (Match.PREFIX, _match_prefix, main),
        (Match.ELSEWHERE, _match_exact, anywhere),
    ]
    tried += [(Match.ELSEWHERE, _match_prefix, anywhere), (Match.FUZZY, _match_fuzzy, anywhere)]
    return tuple(
        Way(match, _match_all(_match_any(how(piece, fields)) for piece in wanted)) for match, how, fields in tried
    )


def build_filters(filters: Filters, *, without: str | None = None) -> list[tuple[Occur, Query]]:
    """The filters as clauses; `without` leaves one out."""
    clauses: list[Query] = []
    for name in ("domain", "owner", "status", "tag", "type"):
        value = getattr(filters, name)
        if value is not None and name != without:
            clauses.append(_match_term(name, to_storable(value)))
    if filters.column is not None:
        clauses.append(_match_term("column", to_storable(filters.column.casefold())))
    if filters.pii is not None:
        clauses.append(Query.term_query(SCHEMA, "pii", filters.pii))
    if filters.min_quality is not None:
        clauses.append(_require_quality(filters.min_quality))
    if filters.freshness is not None and without != "freshness":
        clauses.append(_match_freshness(filters.freshness, filters.now))
    if filters.among is not None:
        clauses.append(Query.term_set_query(SCHEMA, "id", sorted(filters.among)))
    return [(Occur.Must, clause) for clause in clauses]


def match_everything() -> Query:
    """All documents but the mark."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, match_marks())])


def match_marks() -> Query:
    """The mark alone."""
    return _match_term("id", "")


def _make_piece(run: list[str]) -> Iterator[QueryPiece]:
    if run:
        yield QueryPiece(tuple(run))


def _match_exact(piece: QueryPiece, fields: Iterable[str]) -> Iterator[Query]:
    for name in fields:
        if piece.unspaced:
            yield _match_stretch(name, piece.words[0])
            continue
        joined = join(list(piece.words))
        yield _match_term(name, joined)
        yield _match_term(f"{name}_keys", "j" + joined)
        if len(piece.words) > 1:
            yield Query.phrase_query(SCHEMA, name, list(piece.words))


def _match_stretch(name: str, word: str) -> Query:
    if len(word) == 1:
        return _match_term(f"{name}_keys", "c" + word)
    parts = split_pairs(word)
    return _match_term(name, word) if len(parts) == 1 else Query.phrase_query(SCHEMA, name, list(parts))


def _match_prefix(piece: QueryPiece, fields: Iterable[str]) -> Iterator[Query]:
    yield from _match_exact(piece, fields)
    if piece.unspaced:
        return
    *before, last = piece.words
    for name in fields:
        beginning = _match_beginning(name, last, f"{before[-1]}-" if before else "")
        if len(before) > 1:
            yield _match_all((Query.phrase_query(SCHEMA, name, list(before)), beginning))
        else:
            yield beginning


def _match_beginning(name: str, last: str, before: str) -> Query:
    """A word that begins with `last`, after the word `before` in an identifier.

    The shortest beginnings have keys: there may be as many words behind them as there are products.
    """
    if len(last) <= _IN_STARTS:
        return _match_term(f"{name}_keys", f"s{before}{last}")
    if before:
        return Query.fuzzy_term_query(SCHEMA, f"{name}_keys", f"n{before}{last}", distance=0, prefix=True)
    return Query.fuzzy_term_query(SCHEMA, name, last, distance=0, prefix=True)


def _match_fuzzy(piece: QueryPiece, fields: Iterable[str]) -> Iterator[Query]:
    if len(piece.words) == 1 and not piece.unspaced and may_go_on(piece.words[0]):
        yield from (_match_term(f"{name}_keys", "j" + piece.words[0]) for name in fields)  # the rest is nearly so, too
    else:
        yield from _match_prefix(piece, fields)
    for name in fields:
        if not piece.unspaced:
            yield _match_all(_match_nearly(name, word) for word in piece.words)
        elif fewest := count_fewest_pairs(piece.words[0]):
            likely = [(Occur.Should, _match_term(name, part)) for part in dict.fromkeys(split_pairs(piece.words[0]))]
            yield Query.boolean_query(likely, minimum_number_should_match=fewest)


def _match_nearly(name: str, word: str) -> Query:
    distance = count_allowed_typos(word)
    if not distance:
        return _match_term(name, word)
    return Query.fuzzy_term_query(SCHEMA, name, word, distance=distance, prefix=may_go_on(word))


def _match_freshness(state: FreshnessState, now: datetime) -> Query:
    """The state as it is at that moment."""
    if state == ON_TIME:
        return Query.range_query(SCHEMA, "stale_at", FieldType.Integer, lower_bound=count_microseconds(now))
    if state == LATE:
        end = count_microseconds(now)
        return Query.range_query(SCHEMA, "stale_at", FieldType.Integer, upper_bound=end, include_upper=False)
    return _match_term("promise", state)


def _require_quality(quality: float) -> Query:
    if math.isnan(quality):
        return Query.empty_query()
    return Query.range_query(SCHEMA, "quality", FieldType.Float, lower_bound=float(quality))


def _match_term(name: str, value: Any) -> Query:
    return Query.term_query(SCHEMA, name, value, index_option="basic")


def _match_any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _match_all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])
