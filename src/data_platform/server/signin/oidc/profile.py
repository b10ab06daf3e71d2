"""What the claims of an ID token say of a person, and what the person's groups are in the mesh."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.errors import NotAuthenticated
from data_platform.settings import OidcSettings, Role
from data_platform.settings.attributes import AttributeValue, PrincipalAttributes

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,130}")
_OVERAGE = "_claim_names"
"""Where a provider says that a claim was too large for the token, and is elsewhere."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the provider knows them: `subject` never changes, `address` is verified and in lower case."""

    subject: str
    address: str
    teams: frozenset[str]
    roles: frozenset[Role]
    attributes: PrincipalAttributes = ()


def read_profile(claims: Mapping[str, Any], settings: OidcSettings) -> Profile:
    """Returns the profile of verified claims. Raises NotAuthenticated without a verified address, or for cut groups."""
    address = claims.get("email")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address) or not address.isprintable():
        hint = "the provider must send the claim email; [server.oidc] scopes asks for it"
        raise NotAuthenticated("the provider names no e-mail address of yours", hint=hint)
    if claims.get("email_verified") not in (True, "true"):
        raise NotAuthenticated(
            f"the provider has not verified the address {address}", hint="verify it there, and retry"
        )
    groups = _read_groups(claims, settings.groups_claim)
    teams = {settings.teams[group] for group in groups if group in settings.teams} if settings.teams else groups
    roles = {settings.roles[group] for group in groups if group in settings.roles} or {settings.default_role}
    attributes = tuple(_read_attributes(claims, settings.attribute_claims))
    return Profile(str(claims["sub"]), address.lower(), frozenset(teams), frozenset(roles), attributes)


def _read_attributes(claims: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, AttributeValue]]:
    """The claims that are attributes; one that is neither text, a whole number nor a boolean is none."""
    for name in names:
        value = claims.get(name)
        if isinstance(value, bool | int) or (isinstance(value, str) and value and value.isprintable()):
            yield name, value


def _read_groups(claims: Mapping[str, Any], name: str) -> set[str]:
    elsewhere = claims.get(_OVERAGE)
    if isinstance(elsewhere, dict) and name in elsewhere:
        hint = "let the provider send only the groups that this server needs"
        raise NotAuthenticated(f"you have more groups than the provider's token holds (claim {name})", hint=hint)
    groups = claims.get(name, [])
    listed = groups if isinstance(groups, list) else [groups]
    return {group for group in listed if isinstance(group, str) and group and group.isprintable()}
