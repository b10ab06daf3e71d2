"""How a question is answered: the best way to match first, each way in the order of views, quality and name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

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

FEW = 500
"""Hits that are put in order here, when there are no more: one search in place of one for each way."""

_MOST_VALUES = 100


class _Ranked(NamedTuple):
    """A hit by the number of its way, and by what ascends as `order` descends."""

    way: int
    number: int
    address: DocAddress


def ask(searcher: Searcher, question: Question) -> Found:
    """The page of hits that the question wants."""
    wanted = pieces(question.text)
    if question.text.strip() and not wanted:
        nothing: dict[str, dict[str, int]] = {name: {} for name in FACETS} if question.facets else {}
        return Found((), 0, nothing)  # punctuation alone is no word of anything
    whole, documents, total = _found(searcher, wanted, question)
    hits = tuple(Hit(document, match, highlights(document, wanted) if wanted else ()) for match, document in documents)
    facets = _facets(searcher, whole, question.filters) if question.facets else {}
    return Found(hits, total, facets)


def _found(
    searcher: Searcher, wanted: Sequence[Piece], question: Question
) -> tuple[Query, list[tuple[Match | None, Document]], int]:
    """What finds every hit, the page of them, and how many there are."""
    filters, offset = question.filters, question.offset
    limit = searcher.num_docs if question.limit is None else min(question.limit, searcher.num_docs)
    if not wanted:
        documents, total = _best(searcher, _filtered(everything(), filters), offset, limit)
        return everything(), [(None, document) for document in documents], total
    *strict, fuzzy = ways(wanted)
    widest = _filtered(strict[-1].query, filters)
    ranked = _few(searcher, strict, filters) if len(wanted) > 1 else None
    total = len(ranked) if ranked is not None else _count(searcher, widest)
    if ranked is None and total <= FEW:
        ranked = _few(searcher, strict, filters)
    if ranked is not None:
        page = _cut_out(searcher, strict, ranked, offset, limit)
    else:
        page = list(_page(searcher, strict, filters, offset, min(limit, total - offset)))
    if total >= ENOUGH:
        return strict[-1].query, page, total
    nearly = _filtered(fuzzy.query, filters, [strict[-1].query] if total else ())
    documents, more = _best(searcher, nearly, max(0, offset - total), limit - len(page))
    return fuzzy.query, [*page, *((fuzzy.match, document) for document in documents)], total + more


def _few(searcher: Searcher, tried: Sequence[Way], filters: Filters) -> list[_Ranked] | None:
    """All hits in order, by one search that says of each in which ways it matches; None where there are too many."""
    marked = [(Occur.Should, Query.const_score_query(way.query, float(1 << at))) for at, way in enumerate(tried[::-1])]
    unmarked = [(Occur.Must, Query.const_score_query(clause, 0.0)) for _, clause in filtering(filters)]
    wanted = Query.boolean_query([(Occur.Must, Query.boolean_query(marked)), *unmarked])
    found: Any = searcher.search(wanted, limit=FEW)
    if found.count > FEW:
        return None
    addresses = [address for _, address in found.hits]
    numbers: list[Any] = searcher.fast_field_values("order", addresses)
    ranked = [
        _Ranked(len(tried) - int(score).bit_length(), -number, address)
        for (score, address), number in zip(found.hits, numbers, strict=True)
    ]
    return sorted(ranked, key=itemgetter(0, 1))


def _cut_out(
    searcher: Searcher, tried: Sequence[Way], ranked: Sequence[_Ranked], offset: int, limit: int
) -> list[tuple[Match | None, Document]]:
    """A page of them; those with the same number are put in order here."""
    end = min(len(ranked), offset + limit)
    if offset >= end:
        return []
    alike = [each[:2] for each in ranked]
    first, last = _start(alike, offset), _end(alike, end)
    told = [(each.way, from_tantivy(searcher.doc(each.address))) for each in ranked[first:last]]
    told.sort(key=lambda each: (each[0], rank(each[1])))
    return [(tried[way].match, document) for way, document in told[offset - first : end - first]]


def _page(
    searcher: Searcher, tried: Sequence[Way], filters: Filters, offset: int, limit: int
) -> Iterator[tuple[Match | None, Document]]:
    """The hits from `offset` on, `limit` of them at most: those of one way after those of a better one."""
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
    offset = min(offset, searcher.num_docs)
    before = min(offset, AROUND)
    found: Any = searcher.search(
        query, limit=before + limit + AROUND, offset=offset - before, order_by_field="order", order=Order.Desc
    )
    if offset >= found.count or not limit:
        return [], found.count
    numbers = [number for number, _ in found.hits]
    whole_before, whole_after = before == offset, offset - before + len(numbers) == found.count
    first, end = _start(numbers, before), _end(numbers, before + limit)
    if (first or whole_before) and (end < len(numbers) or whole_after):
        documents = sorted(_documents(searcher, found.hits[first:end]), key=rank)
        return documents[before - first : before - first + limit], found.count
    found_anew = searcher.search(query, limit=limit, offset=offset, order_by_field="rank", order=Order.Asc)
    return _documents(searcher, found_anew.hits), found.count


def _start(numbers: Sequence[object], at: int) -> int:
    """Where those begin that have the same number as the one at a place."""
    while 0 < at < len(numbers) and numbers[at - 1] == numbers[at]:
        at -= 1
    return at


def _end(numbers: Sequence[object], at: int) -> int:
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
