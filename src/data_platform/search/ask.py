"""How a question is answered: the best way to match first, each way in the order of views, quality and name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tantivy import DocAddress, Occur, Order, Query, Searcher

from data_platform.search.document import Document
from data_platform.search.highlight import highlights
from data_platform.search.query import Piece, Way, everything, filtering, pieces, ways
from data_platform.search.question import FACETS, Filters, Found, Hit, Match, Question
from data_platform.search.ranking import rank
from data_platform.search.schema import from_tantivy

ENOUGH = 10
"""Typos are looked for where fewer hits than this have the words as they were typed."""

AROUND = 40
"""Hits that are looked at on either side of a page, for such as have the number of its first or its last."""

_MOST_VALUES = 100


def ask(searcher: Searcher, question: Question) -> Found:
    """The page of hits that the question wants."""
    wanted = pieces(question.text)
    if question.text.strip() and not wanted:
        nothing: dict[str, dict[str, int]] = {name: {} for name in FACETS} if question.facets else {}
        return Found((), 0, nothing)  # punctuation alone is no word of anything
    tried, total = _wide_enough(searcher, wanted, question.filters)
    limit = total if question.limit is None else min(question.limit, total)
    found = _page(searcher, tried, question.filters, question.offset, limit) if question.offset < total else ()
    hits = tuple(Hit(document, match, highlights(document, wanted) if wanted else ()) for match, document in found)
    facets = _facets(searcher, tried[-1].query, question.filters) if question.facets else {}
    return Found(hits, total, facets)


def _wide_enough(searcher: Searcher, wanted: Sequence[Piece], filters: Filters) -> tuple[Sequence[Way], int]:
    """The ways to go, and how many hits the last of them has, which includes all before it."""
    if not wanted:
        whole = [Way(None, everything())]
        return whole, searcher.num_docs - 1 if filters == Filters() else _count(
            searcher, _filtered(everything(), filters)
        )
    *strict, fuzzy = ways(wanted)
    total = _count(searcher, _filtered(strict[-1].query, filters))
    if total >= ENOUGH:
        return strict, total
    return [*(strict if total else ()), fuzzy], _count(searcher, _filtered(fuzzy.query, filters))


def _page(
    searcher: Searcher, tried: Sequence[Way], filters: Filters, offset: int, limit: int
) -> Iterator[tuple[Match | None, Document]]:
    better: list[Query] = []
    for way in tried:
        if limit <= 0:
            return
        found, count = _best(searcher, _filtered(way.query, filters, better), offset, limit)
        yield from ((way.match, document) for document in found)
        limit -= len(found)
        offset = max(0, offset - count)
        better.append(way.query)


def _best(searcher: Searcher, query: Query, offset: int, limit: int) -> tuple[list[Document], int]:
    """A page of what matches in one way, and how many do.

    Hits with the same number, which `ranking` tells of, are put in order here where all of them are near; where they
    are not, tantivy does it, by their ranks.
    """
    before = min(offset, AROUND)
    found: Any = searcher.search(
        query, limit=before + limit + AROUND, offset=offset - before, order_by_field="order", order=Order.Desc
    )
    if offset >= found.count:
        return [], found.count
    numbers = [number for number, _ in found.hits]
    whole_before, whole_after = before == offset, offset - before + len(numbers) == found.count
    first, end = _start(numbers, before), _end(numbers, before + limit)
    if (first or whole_before) and (end < len(numbers) or whole_after):
        documents = sorted(_documents(searcher, found.hits[first:end]), key=rank)
        return documents[before - first : before - first + limit], found.count
    found_anew = searcher.search(query, limit=limit, offset=offset, order_by_field="rank", order=Order.Asc)
    return _documents(searcher, found_anew.hits), found.count


def _start(numbers: Sequence[int], at: int) -> int:
    """Where those begin that have the same number as the one at a place."""
    while 0 < at < len(numbers) and numbers[at - 1] == numbers[at]:
        at -= 1
    return at


def _end(numbers: Sequence[int], at: int) -> int:
    """Where those end that have the same number as the one before a place."""
    while 0 < at < len(numbers) and numbers[at - 1] == numbers[at]:
        at += 1
    return min(at, len(numbers))


def _documents(searcher: Searcher, hits: Iterable[tuple[Any, DocAddress]]) -> list[Document]:
    return [from_tantivy(searcher.doc(address)) for _, address in hits]


def _count(searcher: Searcher, query: Query) -> int:
    found: Any = searcher.search(query, limit=1)  # its type says nothing of a count
    return int(found.count)


def _filtered(query: Query, filters: Filters, better: Iterable[Query] = (), *, without: str | None = None) -> Query:
    """What matches in this way and in no better one, and passes the filters."""
    apart = [(Occur.MustNot, each) for each in better]
    return Query.boolean_query([(Occur.Must, query), *apart, *filtering(filters, without=without)])


def _facets(searcher: Searcher, query: Query, filters: Filters) -> dict[str, dict[str, int]]:
    free = [name for name in FACETS if getattr(filters, name) is None]
    counted = _counts(searcher, _filtered(query, filters), free)
    for name in FACETS:
        if name not in free:
            counted |= _counts(searcher, _filtered(query, filters, without=name), [name])
    return {name: counted[name] for name in FACETS}


def _counts(searcher: Searcher, query: Query, names: Sequence[str]) -> dict[str, dict[str, int]]:
    wanted = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in names}
    answer: dict[str, Any] = searcher.aggregate(query, wanted) if names else {}
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in sorted(found["buckets"], key=_by_count)}
        for name, found in answer.items()
    }


def _by_count(bucket: dict[str, Any]) -> tuple[int, str]:
    return -bucket["doc_count"], bucket["key"]
