"""search: products by words in any script, with filters, counts and the positions of the words."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from data_platform.errors import BadInput
from data_platform.quality.trust import TrustFacts, judge_trust
from data_platform.record.operations import incidents, page_views
from data_platform.record.operations.incidents import OpenCause
from data_platform.search.document import SearchDocument
from data_platform.search.freshness import FRESHNESS_STATES, LATE, FreshnessState, judge_freshness
from data_platform.search.question import SORT_ORDERS, Filters, Hit, Question, SortOrder
from data_platform.verbs.catalog.index_sync import query_index
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.incidents.causes import AVAILABILITY_BROKEN
from data_platform.verbs.results import ProductHit, SearchResult, UsageStats

PAGE = 10
"""The default number of hits of a page."""


@dataclass(frozen=True, slots=True)
class Search(Request[SearchResult]):
    """Products that have every word of `text` (none: all of them) and pass every filter that is not None.

    `min_quality` is 0–100, `pii` whether there is personal data, `type` table or stream, `column` the name of a column.
    `limit` None is all hits from `offset` on; `facets` adds counts. `freshness` is on_time, late, unknown or
    not_promised. `sort` is best, or newest: the last publish first.
    """

    text: str = ""
    domain: str | None = None
    min_quality: float | None = None
    tag: str | None = None
    owner: str | None = None
    status: str | None = None
    pii: bool | None = None
    type: str | None = None
    column: str | None = None
    facets: bool = False
    limit: int | None = PAGE
    offset: int = 0
    freshness: FreshnessState | None = None
    sort: SortOrder = "best"


def search(context: Context, request: Search) -> SearchResult:
    """A page of the products found.

    Exact hits come first, then hits by the beginning of a word, then hits with typos; among equals the most read
    comes first, then the best quality, then the name. Raises BadInput for a page or a filter that cannot be.
    """
    _check(request)
    now = context.clock()
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
    result = query_index(context, _build_question(request, part.products, now))
    return SearchResult(_build_hits(context, result.hits, now), result.total, result.facets)


def _build_hits(context: Context, hits: Sequence[Hit], now: datetime) -> Iterator[ProductHit]:
    """The hits with what the index does not have: views of their pages, and open incidents."""
    names = [hit.document.name for hit in hits]
    if not names:
        return
    causes = defaultdict[str, list[OpenCause]](list)
    with context.record.reading() as conn:
        views = page_views.map_counts(conn, names)
        for cause in incidents.list_open_causes(conn, names):
            causes[cause.product].append(cause)
    for name, hit in zip(names, hits, strict=True):
        yield _build_hit(hit, views.get(name, 0), causes[name], now)


def _check(request: Search) -> None:
    if request.limit is not None and request.limit < 0:
        raise BadInput(f"a page of {request.limit} hits cannot be", hint="limit is 0 or more, or None for all")
    if request.offset < 0:
        raise BadInput(f"a page cannot begin at {request.offset}", hint="offset is 0 or more")
    if request.freshness not in (None, *FRESHNESS_STATES):
        raise BadInput(
            f"there is no freshness {str(request.freshness)[:40]!a}", hint=f"one of {', '.join(FRESHNESS_STATES)}"
        )
    if request.sort not in SORT_ORDERS:
        raise BadInput(f"there is no order {str(request.sort)[:40]!a}", hint=f"one of {', '.join(SORT_ORDERS)}")
    if request.min_quality is not None and not math.isfinite(request.min_quality):
        raise BadInput(f"{request.min_quality} is no quality score", hint="min_quality is a number from 0 to 100")


def _build_question(request: Search, among: frozenset[str] | None, now: datetime) -> Question:
    filters = Filters(
        domain=request.domain,
        owner=request.owner,
        status=request.status,
        tag=request.tag,
        type=request.type,
        column=request.column,
        pii=request.pii,
        min_quality=request.min_quality,
        freshness=request.freshness,
        now=now,
        among=among,
    )
    return Question(request.text, filters, request.limit, request.offset, request.facets, request.sort)


def _build_hit(hit: Hit, views: int, causes: Sequence[OpenCause], now: datetime) -> ProductHit:
    document = hit.document
    freshness = judge_freshness(document, now)
    verdict, reason = judge_trust(_collect_facts(document, freshness, causes))
    return ProductHit(
        name=document.name,
        domain=document.domain,
        owner=document.owner,
        description=document.description,
        tags=document.tags,
        status=document.status,
        version=document.version,
        outputs=document.outputs,
        quality_score=document.quality,
        usage_stats=UsageStats(document.views, document.consumers, document.last_read, views),
        pii=document.pii,
        match=hit.match.value if hit.match else None,
        highlights=hit.highlights,
        published_at=document.published_at,
        freshness=freshness,
        stale_at=document.stale_at,
        verdict=verdict.value,
        reason=reason.value if reason else None,
    )


def _collect_facts(document: SearchDocument, freshness: FreshnessState, causes: Sequence[OpenCause]) -> TrustFacts:
    """What the verdict is made of; a broken promise of availability is an incident, which the clock opens."""
    return TrustFacts(
        [cause.severity for cause in causes],
        freshness == LATE or any(cause.cause == AVAILABILITY_BROKEN for cause in causes),
        document.quality,
        document.published_at is not None,
        document.archived,
        document.deprecated,
    )
