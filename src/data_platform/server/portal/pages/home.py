"""The first page: search, what the visitor has and follows, what is broken, newest and most used."""

from __future__ import annotations

from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.catalog.search import Search
from data_platform.verbs.contracts.subscriptions import Changes, Subscriptions
from data_platform.verbs.incidents.incidents import ListIncidents

SHOWN = 6
SHOWN_DOMAINS = 12


def show_home(visit: Visit) -> PageContent:
    """The page at `/`; of a mesh without products, how to make the first one."""
    hits = visit.ask(Search(limit=SHOWN, facets=True))
    if not hits.total:
        return PageContent("empty_mesh.html", {})
    teams = sorted({visit.principal.name, *visit.principal.teams})
    mine = [hit for owner in teams for hit in visit.ask(Search(owner=owner, limit=SHOWN))]
    return PageContent(
        "home.html",
        {
            "total": hits.total,
            "newest": [hit for hit in visit.ask(Search(limit=SHOWN, sort="newest")) if hit.published_at],
            "used": hits,
            "mine": mine[:SHOWN],
            "followed": visit.ask_if_allowed(Subscriptions()) or [],
            "changes": [change for change in visit.ask_if_allowed(Changes()) or [] if change.new][:SHOWN],
            "broken": visit.ask(ListIncidents(open_only=True, limit=SHOWN)),
            "domains": hits.facets.get("domain", {}),
            "shown_domains": SHOWN_DOMAINS,
        },
    )
