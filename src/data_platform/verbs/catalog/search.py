"""search: products by words in any script, with filters, counts and the positions of the words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from data_platform.errors import BadInput
from data_platform.record.operations import page_views
from data_platform.search.question import Filters, Hit, Question
from data_platform.verbs.catalog.index_sync import query_index
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import ProductHit, SearchResult, UsageStats

PAGE = 10
"""The default number of hits of a page."""


@dataclass(frozen=True, slots=True)
class Search(Request[SearchResult]):
    """Products that have every word of `text` (none: all of them) and pass every filter that is not None.

    `min_quality` is 0–100, `pii` whether there is personal data, `type` table or stream, `column` the name of a column.
    `limit` None is all hits from `offset` on; `facets` adds counts.
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


def search(context: Context, request: Search) -> SearchResult:
    """A page of the products found.

    Exact hits come first, then hits by the beginning of a word, then hits with typos; among equals the most read
    comes first, then the best quality, then the name. Raises BadInput for a page or a quality that cannot be.
    """
    _check(request)
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
    result = query_index(context, _build_question(request, part.products))
    with context.record.reading() as conn:
        views = page_views.map_counts(conn, [hit.document.name for hit in result.hits])
    hits = (_build_hit(hit, views.get(hit.document.name, 0)) for hit in result.hits)
    return SearchResult(hits, result.total, result.facets)


def _check(request: Search) -> None:
    if request.limit is not None and request.limit < 0:
        raise BadInput(f"a page of {request.limit} hits cannot be", hint="limit is 0 or more, or None for all")
    if request.offset < 0:
        raise BadInput(f"a page cannot begin at {request.offset}", hint="offset is 0 or more")
    if request.min_quality is not None and not math.isfinite(request.min_quality):
        raise BadInput(f"{request.min_quality} is no quality score", hint="min_quality is a number from 0 to 100")


def _build_question(request: Search, among: frozenset[str] | None) -> Question:
    filters = Filters(
        domain=request.domain,
        owner=request.owner,
        status=request.status,
        tag=request.tag,
        type=request.type,
        column=request.column,
        pii=request.pii,
        min_quality=request.min_quality,
        among=among,
    )
    return Question(request.text, filters, request.limit, request.offset, request.facets)


def _build_hit(hit: Hit, views: int) -> ProductHit:
    document = hit.document
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
    )
