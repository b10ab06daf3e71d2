"""Incidents: which are open, what happened to one, and whom it reaches."""

from __future__ import annotations

from data_platform.errors import BadInput
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.incidents.incidents import ListIncidents, ShowIncident

PAGE = 50
SEVERITIES = ("low", "medium", "high", "critical")


def show_incidents(visit: Visit) -> PageContent:
    """The page at `/incidents`: the open ones, or with `state=all` also those that were resolved."""
    page, everything = read_page(visit), visit.query["state"] == "all"
    severity = visit.query["severity"] or None
    rows = visit.ask(ListIncidents(visit.query["product"] or None, not everything, severity))
    values = {
        "rows": rows[(page - 1) * PAGE : page * PAGE],
        "total": len(rows),
        "page": page,
        "size": PAGE,
        "everything": everything,
        "severities": SEVERITIES,
    }
    return PageContent("incidents.html", values)


def show_incident(visit: Visit) -> PageContent:
    """The page at `/incidents/ID`."""
    return PageContent("incident.html", {"detail": visit.ask(ShowIncident(read_number(visit.names["id"])))})


def read_number(text: str) -> int:
    """The number of a row in a path; raises BadInput."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise BadInput(f"{text[:20]!a} is no number", hint="see the list for the numbers that there are")
    return int(text)
