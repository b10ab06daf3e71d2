"""Methods of Platform for identity: who may ask, and what tokens they have."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from data_platform import verbs as _verbs
from data_platform.errors import BadInput
from data_platform.platform.text_lists import check_texts
from data_platform.platform.transport import Asking
from data_platform.settings import PrincipalKind, Role
from data_platform.spec.text.names import quote_value
from data_platform.verbs.core.timestamps import Moment

if TYPE_CHECKING:
    from data_platform.verbs.results import (
        CallerInfo,
        NewToken,
        OwnerInfo,
        PrincipalDetail,
        PrincipalInfo,
        RoleInfo,
        TeamInfo,
        TokenInfo,
    )

E = TypeVar("E", bound=StrEnum)


class IdentityMethods(Asking):
    """Principals, teams, roles, tokens and owners."""

    def who_am_i(self) -> CallerInfo:
        """The caller as the mesh knows it, and the release and the clock of the mesh."""
        return self._transport.call(_verbs.WhoAmI())

    def create_token(
        self,
        name: str,
        role: Role | str,
        *,
        team: str | None = None,
        kind: PrincipalKind | str | None = None,
        acts_for: str | None = None,
        verbs: Sequence[str] | None = None,
        domains: Sequence[str] | None = None,
        read_only: bool = False,
        expires: Moment | None = None,
    ) -> NewToken:
        """Creates a token for the principal `name`, which is made if it is missing, as are its team and its role.

        `verbs` (actions), `domains` and `read_only` narrow it; `expires` is a moment, or a period such as `90d`.
        """
        return self._transport.call(
            _verbs.CreateToken(
                name,
                _parse(Role, "role", role),
                team,
                None if kind is None else _parse(PrincipalKind, "kind", kind),
                acts_for,
                check_texts("verbs", verbs),
                check_texts("domains", domains),
                read_only,
                expires,
            )
        )

    def tokens(self, principal: str | None = None) -> list[TokenInfo]:
        """The tokens of the mesh, or of a principal, with those that have ended; others than admins see their own."""
        return self._transport.call(_verbs.ListTokens(principal))

    def revoke_token(self, id: int) -> TokenInfo:
        """Ends a token before its time."""
        return self._transport.call(_verbs.RevokeToken(id))

    def principals(self, kind: PrincipalKind | str | None = None) -> list[PrincipalInfo]:
        """All principals, or those of a kind."""
        return self._transport.call(
            _verbs.ListPrincipals(None if kind is None else _parse(PrincipalKind, "kind", kind))
        )

    def principal_info(self, name: str) -> PrincipalDetail:
        """One principal, with its teams, members, roles and owners."""
        return self._transport.call(_verbs.ShowPrincipal(name))

    def set_attributes(self, name: str, attributes: Sequence[str] = (), *, remove: Sequence[str] = ()) -> PrincipalInfo:
        """Gives a principal attributes (each `NAME=VALUE`, such as `region=EU`), which row filters name; idempotent.

        A value is a number, true, false, a date or else text; single quotes make text of anything. An admin may.
        """
        return self._transport.call(
            _verbs.SetAttributes(name, check_texts("attributes", attributes) or (), check_texts("remove", remove) or ())
        )

    def disable_principal(self, name: str) -> PrincipalInfo:
        """Lets a principal ask no more; its tokens end."""
        return self._transport.call(_verbs.DisablePrincipal(name))

    def enable_principal(self, name: str) -> PrincipalInfo:
        """Lets a principal ask again, with new tokens."""
        return self._transport.call(_verbs.DisablePrincipal(name, undo=True))

    def teams(self) -> list[TeamInfo]:
        """All teams, with their members."""
        return self._transport.call(_verbs.ListTeams())

    def create_team(self, team: str, members: Sequence[str] = ()) -> TeamInfo:
        """Creates a team with members, or adds those that it lacks."""
        return self._transport.call(_verbs.CreateTeam(team, check_texts("members", members) or ()))

    def add_member(self, team: str, member: str) -> TeamInfo:
        """Adds a member to a team; a name that is new is a person."""
        return self._transport.call(_verbs.AddMember(team, member))

    def remove_member(self, team: str, member: str) -> TeamInfo:
        """Removes a member from a team."""
        return self._transport.call(_verbs.RemoveMember(team, member))

    def roles(self, principal: str | None = None) -> list[RoleInfo]:
        """All roles that were granted, or those of a principal."""
        return self._transport.call(_verbs.ListRoles(principal))

    def grant_role(self, principal: str, role: Role | str, domain: str | None = None) -> RoleInfo:
        """Gives a principal a role, in the mesh or in one domain; a name that is new is a person."""
        return self._transport.call(_verbs.GrantRole(principal, _parse(Role, "role", role), domain))

    def revoke_role(self, principal: str, role: Role | str, domain: str | None = None) -> RoleInfo:
        """Takes a role back."""
        return self._transport.call(_verbs.RevokeRole(principal, _parse(Role, "role", role), domain))

    def owners(self, *, unclaimed: bool = False) -> list[OwnerInfo]:
        """The owners of products and domains, with the principals that they belong to; or the unclaimed ones alone."""
        return self._transport.call(_verbs.ListOwners(unclaimed))

    def claim_owner(self, address: str, holder: str) -> OwnerInfo:
        """Gives the owner `address` to a person or a team."""
        return self._transport.call(_verbs.ClaimOwner(address, holder))

    def release_owner(self, address: str) -> OwnerInfo:
        """Ends the claim of an owner."""
        return self._transport.call(_verbs.ReleaseOwner(address))


def _parse(kind: type[E], name: str, value: str) -> E:
    """The member of that value; raises BadInput."""
    try:
        return kind(value)
    except ValueError:
        raise BadInput(f"there is no {name} {quote_value(value)}", hint=f"one of {', '.join(kind)}") from None
