"""The verbs of declarations that columns are anonymous."""

from __future__ import annotations

from data_platform.access.actions import Action
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.verb import Scope, Verb

ANONYMISATION_VERBS = (
    Verb(
        "ApproveAnonymisation",
        "policies.anonymisations:approve_anonymisation",
        Action.DECLASSIFY,
        Scope.ROW,
        "POST /anonymisations/{id}/approval",
        Act.ANONYMISATION,
    ),
    Verb(
        "ListAnonymisations",
        "policies.anonymisations:list_anonymisations",
        Action.READ,
        Scope.POLICIES,
        "GET /anonymisations",
    ),
    Verb(
        "RefuseAnonymisation",
        "policies.anonymisations:refuse_anonymisation",
        Action.DECLASSIFY,
        Scope.ROW,
        "POST /anonymisations/{id}/refusal",
        Act.ANONYMISATION,
    ),
)
