"""The verbs of principals, teams, roles, tokens and owners."""

from __future__ import annotations

from data_platform.access.actions import Action
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.verb import Scope, Verb

IDENTITY_VERBS = (
    Verb(
        "CreateToken",
        "identity.tokens:create_token",
        Action.ISSUE,
        Scope.PRINCIPALS,
        "POST /tokens",
        Act.TOKEN,
        Act.PRINCIPAL,
        Act.TEAM,
        Act.GRANT,
        secret=True,
    ),
    Verb("ListTokens", "identity.tokens:list_tokens", Action.READ, Scope.PRINCIPALS, "GET /tokens"),
    Verb("RevokeToken", "identity.tokens:revoke_token", Action.REVOKE, Scope.ROW, "DELETE /tokens/{id}", Act.TOKEN),
)
