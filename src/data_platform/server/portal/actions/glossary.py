"""Define a term, and retire one."""

from __future__ import annotations

from data_platform.server.portal.actions.confirmation import require_certainty
from data_platform.server.portal.visit import SeeOther, Visit, make_path
from data_platform.verbs.glossary.terms import DefineTerm, RetireTerm


def define_term(visit: Visit) -> SeeOther:
    """Saves the form of a term, new or known; its synonyms are separated by commas."""
    form = visit.form
    synonyms = tuple(filter(None, (word.strip() for word in form["synonyms"].split(","))))
    request = DefineTerm(
        form["name"], form["definition"], form["owner"] or None, form["domain"], form["parent"], synonyms
    )
    return SeeOther(make_path("glossary", visit.ask(request).name), "term_defined")


def retire_term(visit: Visit) -> SeeOther:
    """Says that a term is not to be used any more."""
    require_certainty(visit)
    term = visit.ask(RetireTerm(visit.names["term"]))
    return SeeOther(make_path("glossary", term.name), "term_retired")
