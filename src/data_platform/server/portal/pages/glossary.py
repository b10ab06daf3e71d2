"""The glossary: terms by first letter and words, and one term with the columns that are linked to it."""

from __future__ import annotations

from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.glossary.terms import DefineTerm, ListTerms, RetireTerm, ShowTerm

PAGE = 50
LINKS = 100


def show_glossary(visit: Visit) -> PageContent:
    """The page at `/glossary`."""
    page, query = read_page(visit), visit.query
    listed = visit.ask(
        ListTerms(
            query["q"],
            query.get("letter") or None,
            query.get("domain") or None,
            bool(query["retired"]),
            PAGE,
            (page - 1) * PAGE,
        )
    )
    values = {"listed": listed, "page": page, "size": PAGE, "may_define": visit.may_ask(DefineTerm(""))}
    return PageContent("glossary.html", values)


def show_term(visit: Visit) -> PageContent:
    """The page at `/glossary/TERM`; links to columns in pages."""
    detail, page = visit.ask(ShowTerm(visit.names["term"])), read_page(visit)
    values = {
        "detail": detail,
        "term": detail.term,
        "links": detail.links[(page - 1) * LINKS : page * LINKS],
        "page": page,
        "size": LINKS,
        "may_define": visit.may_ask(RetireTerm(detail.term.name)),
    }
    return PageContent("term.html", values)
