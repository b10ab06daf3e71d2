"""Acknowledge, comment and resolve an incident."""

from __future__ import annotations

from data_platform.server.portal.pages.incidents import read_number
from data_platform.server.portal.visit import SeeOther, Visit, make_path
from data_platform.verbs.incidents.incidents import AcknowledgeIncident, CommentIncident, ResolveIncident


def acknowledge(visit: Visit) -> SeeOther:
    """Records that the visitor is working on it."""
    number = read_number(visit.names["id"])
    visit.ask(AcknowledgeIncident(number, visit.form["comment"] or None))
    return SeeOther(make_path("incidents", str(number)), "acknowledged")


def comment(visit: Visit) -> SeeOther:
    """Adds to its timeline."""
    number = read_number(visit.names["id"])
    visit.ask(CommentIncident(number, visit.form["comment"]))
    return SeeOther(make_path("incidents", str(number)), "commented")


def resolve(visit: Visit) -> SeeOther:
    """Closes it by hand."""
    number = read_number(visit.names["id"])
    visit.ask(ResolveIncident(number, visit.form["comment"] or None))
    return SeeOther(make_path("incidents", str(number)), "resolved")
