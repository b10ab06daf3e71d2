"""who_am_i: the caller, as the mesh knows it."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.installing import VERSION
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import CallerInfo


@dataclass(frozen=True, slots=True)
class WhoAmI(Request[CallerInfo]):
    """The caller, and the release and the clock of the mesh that answers."""


def who_am_i(context: Context, request: WhoAmI) -> CallerInfo:
    """The caller; every principal may ask."""
    caller = context.principal
    roles = sorted(f"{grant.role} of {grant.domain}" if grant.domain else grant.role.value for grant in caller.roles)
    return CallerInfo(
        caller.name,
        caller.verified,
        caller.kind.value,
        tuple(roles),
        tuple(sorted(caller.teams)),
        caller.acts_for.name if caller.acts_for else None,
        VERSION,
        context.clock(),
    )
