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
    Verb("WhoAmI", "identity.who_am_i:who_am_i", Action.READ, Scope.CATALOG, "GET /me"),
    Verb("RevokeToken", "identity.tokens:revoke_token", Action.REVOKE, Scope.ROW, "DELETE /tokens/{id}", Act.TOKEN),
    Verb(
        "AddMember",
        "identity.teams:add_team_member",
        Action.DEFINE_TEAM,
        Scope.PRINCIPALS,
        "PUT /teams/{team}/members/{member}",
        Act.TEAM,
        Act.PRINCIPAL,
    ),
    Verb("ClaimOwner", "identity.owners:claim_owner", Action.CLAIM, Scope.PRINCIPALS, "POST /owners/claims", Act.GRANT),
    Verb(
        "CreateTeam",
        "identity.teams:create_team",
        Action.DEFINE_TEAM,
        Scope.PRINCIPALS,
        "PUT /teams/{team}",
        Act.PRINCIPAL,
        Act.TEAM,
    ),
    Verb(
        "DisablePrincipal",
        "identity.principals:disable_principal",
        Action.DISABLE,
        Scope.PRINCIPAL,
        "PUT /principals/{principal}/disabled",
        Act.PRINCIPAL,
        Act.ACCESS,
    ),
    Verb(
        "GrantRole",
        "identity.roles:grant",
        Action.GRANT,
        Scope.PRINCIPAL,
        "PUT /roles/{principal}/{role}",
        Act.GRANT,
        Act.PRINCIPAL,
    ),
    Verb("ListOwners", "identity.owners:list_owners", Action.READ, Scope.PRINCIPALS, "GET /owners"),
    Verb("ListPrincipals", "identity.principals:list_principals", Action.READ, Scope.PRINCIPALS, "GET /principals"),
    Verb("ListRoles", "identity.roles:list_roles", Action.READ, Scope.PRINCIPALS, "GET /roles"),
    Verb("ListTeams", "identity.teams:list_teams", Action.READ, Scope.PRINCIPALS, "GET /teams"),
    Verb(
        "ReleaseOwner",
        "identity.owners:release_owner",
        Action.CLAIM,
        Scope.PRINCIPALS,
        "DELETE /owners/claims",
        Act.GRANT,
    ),
    Verb(
        "RemoveMember",
        "identity.teams:remove_team_member",
        Action.DEFINE_TEAM,
        Scope.PRINCIPALS,
        "DELETE /teams/{team}/members/{member}",
        Act.TEAM,
    ),
    Verb(
        "RevokeRole",
        "identity.roles:revoke",
        Action.GRANT,
        Scope.PRINCIPAL,
        "DELETE /roles/{principal}/{role}",
        Act.GRANT,
    ),
    Verb(
        "ShowPrincipal",
        "identity.principals:show_principal",
        Action.READ,
        Scope.PRINCIPAL,
        "GET /principals/{principal}",
    ),
)
