"""How a question is answered: the best way to match first, each way in the order of views, quality and name; or
the last publish first, however a hit matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from tantivy import DocAddress, Occur, Order, Query, Searcher

from data_platform.search.document import SearchDocument
from data_platform.search.freshness import DATED, LATE, ON_TIME, count_microseconds
from data_platform.search.highlight import highlight_document
from data_platform.search.query import QueryPiece, Way, build_filters, build_ways, match_everything, split_pieces
from data_platform.search.question import FACETS, Filters, Found, Hit, Match, Question
from data_platform.search.ranking import BY_DATE, BY_USE, Ordering, rank
from data_platform.search.schema import from_tantivy

ENOUGH = 10
"""Typos are searched when fewer hits than this match exactly or by prefix."""

AROUND = 40
"""Hits that are read on either side of a page, to find those with the number of its first or last."""

FEW = 500
"""Up to so many hits are sorted here: one search instead of one for each way."""

_MOST_VALUES = 100
_FRESHNESS = "freshness"


class _Ranked(NamedTuple):
    """A hit by the number of its way, and by what ascends as `order` descends."""

    way: int
    number: int
    address: DocAddress


def search_page(searcher: Searcher, question: Question) -> Found:
    """The page of hits that the question wants."""
    wanted = split_pieces(question.text)
    if question.text.strip() and not wanted:
        nothing: dict[str, dict[str, int]] = {name: {} for name in FACETS} if question.facets else {}
        return Found((), 0, nothing)  # punctuation alone is no word of anything
    whole, documents, total = _find_hits(searcher, wanted, question)
    hits = tuple(
        Hit(document, match, highlight_document(document, wanted) if wanted else ()) for match, document in documents
    )
    facets = _count_facets(searcher, whole, question.filters) if question.facets else {}
    return Found(hits, total, facets)


def _find_hits(
    searcher: Searcher, wanted: Sequence[QueryPiece], question: Question
) -> tuple[Query, list[tuple[Match | None, SearchDocument]], int]:
    """The query of all hits, the page, and the number of hits."""
    filters, offset = question.filters, question.offset
    limit = searcher.num_docs if question.limit is None else min(question.limit, searcher.num_docs)
    if not wanted:
        ordering = BY_DATE if question.sort == "newest" else BY_USE
        documents, total = _find_best(searcher, _filter_query(match_everything(), filters), offset, limit, ordering)
        return match_everything(), [(None, document) for document in documents], total
    if question.sort == "newest":
        return _find_newest(searcher, build_ways(wanted), filters, offset, limit)
    *strict, fuzzy = build_ways(wanted)
    widest = _filter_query(strict[-1].query, filters)
    ranked = _rank_few(searcher, strict, filters) if len(wanted) > 1 else None
    total = len(ranked) if ranked is not None else _count_hits(searcher, widest)
    if ranked is None and total <= FEW:
        ranked = _rank_few(searcher, strict, filters)
    if ranked is not None:
        page = _select_page(searcher, strict, ranked, offset, limit)
    else:
        page = list(_list_page(searcher, strict, filters, offset, min(limit, total - offset)))
    if total >= ENOUGH:
        return strict[-1].query, page, total
    nearly = _filter_query(fuzzy.query, filters, [strict[-1].query] if total else ())
    documents, more = _find_best(searcher, nearly, max(0, offset - total), limit - len(page))
    return fuzzy.query, [*page, *((fuzzy.match, document) for document in documents)], total + more


def _find_newest(
    searcher: Searcher, ways: Sequence[Way], filters: Filters, offset: int, limit: int
) -> tuple[Query, list[tuple[Match | None, SearchDocument]], int]:
    """As `_find_hits`, of hits in the order of their last publishes."""
    *strict, fuzzy = ways
    is_enough = _count_hits(searcher, _filter_query(strict[-1].query, filters)) >= ENOUGH
    whole = strict[-1].query if is_enough else fuzzy.query
    documents, total = _find_best(searcher, _filter_query(whole, filters), offset, limit, BY_DATE)
    matches: dict[str, Match | None] = {}
    for at in range(0, len(documents), FEW):
        among = Filters(among=frozenset(document.name for document in documents[at : at + FEW]))
        for hit in _rank_few(searcher, ways, among) or ():
            matches[from_tantivy(searcher.doc(hit.address)).name] = ways[hit.way].match
    return whole, [(matches.get(document.name), document) for document in documents], total


def _rank_few(searcher: Searcher, tried: Sequence[Way], filters: Filters) -> list[_Ranked] | None:
    """All hits in order, by one search that says of each in which ways it matches; None where there are too many."""
    marked = [(Occur.Should, Query.const_score_query(way.query, float(1 << at))) for at, way in enumerate(tried[::-1])]
    unmarked = [(Occur.Must, Query.const_score_query(clause, 0.0)) for _, clause in build_filters(filters)]
    wanted = Query.boolean_query([(Occur.Must, Query.boolean_query(marked)), *unmarked])
    answer: Any = searcher.search(wanted, limit=FEW)
    if answer.count > FEW:
        return None
    addresses = [address for _, address in answer.hits]
    numbers: list[Any] = searcher.fast_field_values("order", addresses)
    ranked = [
        _Ranked(len(tried) - int(score).bit_length(), -number, address)
        for (score, address), number in zip(answer.hits, numbers, strict=True)
    ]
    return sorted(ranked, key=itemgetter(0, 1))


def _select_page(
    searcher: Searcher, tried: Sequence[Way], ranked: Sequence[_Ranked], offset: int, limit: int
) -> list[tuple[Match | None, SearchDocument]]:
    """A page of them; those with the same number are put in order here."""
    end = min(len(ranked), offset + limit)
    if offset >= end:
        return []
    alike = [hit[:2] for hit in ranked]
    first, last = _find_start(alike, offset), _find_end(alike, end)
    documents = [(hit.way, from_tantivy(searcher.doc(hit.address))) for hit in ranked[first:last]]
    documents.sort(key=lambda hit: (hit[0], rank(hit[1])))
    return [(tried[way].match, entry) for way, entry in documents[offset - first : end - first]]


def _list_page(
    searcher: Searcher, tried: Sequence[Way], filters: Filters, offset: int, limit: int
) -> Iterator[tuple[Match | None, SearchDocument]]:
    """The hits from `offset` on, `limit` of them at most: those of one way after those of a better one."""
    better: list[Query] = []
    for way in tried:
        if limit <= 0:
            return
        documents, count = _find_best(searcher, _filter_query(way.query, filters, better), offset, limit)
        yield from ((way.match, document) for document in documents)
        limit -= len(documents)
        offset = max(0, offset - count)
        better.append(way.query)


def _find_best(
    searcher: Searcher, query: Query, offset: int, limit: int, ordering: Ordering = BY_USE
) -> tuple[list[SearchDocument], int]:
    """A page of what matches in one way, or of everything, and how many there are.

    Hits with the same number, see `ranking`, are put in order here where all of them are near; where they
    are not, tantivy does it, by their ranks.
    """
    offset = min(offset, searcher.num_docs)
    before = min(offset, AROUND)
    first, size, field = offset - before, before + limit + AROUND, ordering.order_field
    answer: Any = searcher.search(query, limit=size, offset=first, order_by_field=field, order=Order.Desc)
    if offset >= answer.count or not limit:
        return [], answer.count
    numbers = [number for number, _ in answer.hits]
    whole_before, whole_after = before == offset, offset - before + len(numbers) == answer.count
    first, end = _find_start(numbers, before), _find_end(numbers, before + limit)
    if (first or whole_before) and (end < len(numbers) or whole_after):
        documents = sorted(_load_documents(searcher, answer.hits[first:end]), key=ordering.rank)
        return documents[before - first : before - first + limit], answer.count
    by_rank = searcher.search(query, limit=limit, offset=offset, order_by_field=ordering.rank_field, order=Order.Asc)
    return _load_documents(searcher, by_rank.hits), answer.count


def _find_start(numbers: Sequence[object], at: int) -> int:
    """The start of the run of equal numbers around a place."""
    while 0 < at < len(numbers) and numbers[at - 1] == numbers[at]:
        at -= 1
    return at


def _find_end(numbers: Sequence[object], at: int) -> int:
    """The end of the run of equal numbers before a place."""
    while 0 < at < len(numbers) and numbers[at - 1] == numbers[at]:
        at += 1
    return min(at, len(numbers))


def _load_documents(searcher: Searcher, hits: Iterable[tuple[Any, DocAddress]]) -> list[SearchDocument]:
    return [from_tantivy(searcher.doc(address)) for _, address in hits]


def _count_hits(searcher: Searcher, query: Query) -> int:
    answer: Any = searcher.search(query, limit=1)  # its type says nothing of a count
    return int(answer.count)


def _filter_query(query: Query, filters: Filters, better: Iterable[Query] = (), *, without: str | None = None) -> Query:
    """What matches in this way and in no better one, and passes the filters."""
    apart = [(Occur.MustNot, clause) for clause in better]
    return Query.boolean_query([(Occur.Must, query), *apart, *build_filters(filters, without=without)])


def _count_facets(searcher: Searcher, query: Query, filters: Filters) -> dict[str, dict[str, int]]:
    free = [name for name in FACETS if getattr(filters, name) is None]
    counted = _count_values(searcher, _filter_query(query, filters), free, filters.now)
    for name in FACETS:
        if name not in free:
            counted |= _count_values(searcher, _filter_query(query, filters, without=name), [name], filters.now)
    return {name: counted[name] for name in FACETS}


def _count_values(searcher: Searcher, query: Query, names: Sequence[str], now: datetime) -> dict[str, dict[str, int]]:
    wanted: dict[str, Any] = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in names}
    if _FRESHNESS in names:
        now_number = float(count_microseconds(now))
        wanted[_FRESHNESS] = {"terms": {"field": "promise"}}
        wanted[DATED] = {"range": {"field": "stale_at", "ranges": [{"to": now_number}, {"from": now_number}]}}
    answer: dict[str, Any] = searcher.aggregate(query, wanted) if names else {}
    counts = {
        name: {bucket["key"]: bucket["doc_count"] for bucket in facet["buckets"]} for name, facet in answer.items()
    }
    if _FRESHNESS in names and counts[_FRESHNESS].pop(DATED, 0):
        late, on_time = (bucket["doc_count"] for bucket in answer[DATED]["buckets"])
        counts[_FRESHNESS] |= {LATE: late, ON_TIME: on_time}
    return {name: dict(sorted(filter(_is_counted, counts[name].items()), key=_order_by_count)) for name in names}


def _is_counted(value: tuple[str, int]) -> bool:
    return value[1] > 0


def _order_by_count(value: tuple[str, int]) -> tuple[int, str]:
    return -value[1], value[0]
