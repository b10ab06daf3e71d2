"""The verbs of the glossary."""

from __future__ import annotations

from data_platform.access.actions import Action
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.verb import Scope, Verb

GLOSSARY_VERBS = (
    Verb("DefineTerm", "glossary.terms:define_term", Action.DEFINE_TERM, Scope.ROW, "PUT /terms/{name}", Act.TERM),
    Verb("ListTerms", "glossary.terms:list_terms", Action.READ, Scope.CATALOG, "GET /terms"),
    Verb("RetireTerm", "glossary.terms:retire_term", Action.DEFINE_TERM, Scope.ROW, "DELETE /terms/{name}", Act.TERM),
    Verb("ShowTerm", "glossary.terms:show_term", Action.READ, Scope.CATALOG, "GET /terms/{name}"),
)
