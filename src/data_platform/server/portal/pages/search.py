"""Search: words, facets with counts, and for each hit why it matched."""

from __future__ import annotations

from typing import cast

from data_platform.errors import BadInput
from data_platform.search.freshness import FreshnessState
from data_platform.search.question import SORT_ORDERS, SortOrder
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.catalog.search import Search

PAGE = 20
SUGGESTIONS = 7
FILTERS = ("domain", "tag", "owner", "status", "type")
FACETS = (*FILTERS[:1], "freshness", *FILTERS[1:])
"""The parameters that narrow a search by the value of a facet, as they are listed."""
_YES = {"yes": True, "no": False}


def show_search(visit: Visit) -> PageContent:
    """The page at `/search`; without words, all products."""
    page, query = read_page(visit), visit.query
    sort = cast("SortOrder", query["sort"] or SORT_ORDERS[0])
    hits = visit.ask(
        Search(
            query.get("q", ""),
            **{name: query[name] for name in FILTERS if query.get(name)},
            pii=_YES.get(query.get("pii", "")),
            min_quality=_read_quality(query.get("quality", "")),
            freshness=cast("FreshnessState | None", query["freshness"] or None),
            sort=sort,
            facets=True,
            limit=PAGE,
            offset=(page - 1) * PAGE,
        )
    )
    narrowed = [(name, query[name]) for name in (*FACETS, "pii", "quality") if query.get(name)]
    marks = {hit.name: {highlight.field: highlight for highlight in reversed(hit.highlights)} for hit in hits}
    return PageContent(
        "search.html",
        {
            "hits": hits,
            "marks": marks,
            "page": page,
            "size": PAGE,
            "facets": FACETS,
            "narrowed": narrowed,
            "sort": sort,
            "sorts": SORT_ORDERS,
        },
    )


def show_suggestions(visit: Visit) -> PageContent:
    """The best hits of what has been typed so far, as a part of a page."""
    words = visit.query.get("q", "").strip()
    hits = visit.ask(Search(words, limit=SUGGESTIONS)) if words else []
    return PageContent("suggestions.html", {"hits": hits})


def read_page(visit: Visit) -> int:
    """The page of a list that a visitor asks for, from 1; raises BadInput."""
    text = visit.query.get("page", "1")
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:10]) < 1_000_000):
        raise BadInput(f"there is no page {text[:20]!a}", hint="page is 1 or more")
    return int(text)


def _read_quality(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise BadInput(f"{text[:20]!a} is no quality score", hint="quality is a number from 0 to 100") from None
