"""Methods of Platform for identity: who may ask, and what tokens they have."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from data_platform import verbs as _verbs
from data_platform.errors import BadInput
from data_platform.platform.transport import Asking
from data_platform.settings import PrincipalKind, Role
from data_platform.spec.text.names import quote_value
from data_platform.verbs.core.timestamps import Moment

if TYPE_CHECKING:
    from data_platform.verbs.results import NewToken, TokenInfo

E = TypeVar("E", bound=StrEnum)


class IdentityMethods(Asking):
    """Principals, teams, roles, tokens and owners."""

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
                None if verbs is None else tuple(verbs),
                None if domains is None else tuple(domains),
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


def _parse(kind: type[E], name: str, value: str) -> E:
    """The member of that value; raises BadInput."""
    try:
        return kind(value)
    except ValueError:
        raise BadInput(f"there is no {name} {quote_value(value)}", hint=f"one of {', '.join(kind)}") from None
