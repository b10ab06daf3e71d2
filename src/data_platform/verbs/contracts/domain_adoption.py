"""A domain that nobody has defined becomes that of the owner who first registers a product in it."""

from __future__ import annotations

from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Role
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.outcomes import ActOutcome, Subject


def find_adopter(context: Context, domain: str) -> str | None:
    """Whose the domain becomes: the team of the caller's token, else the caller, or the person that it acts for.

    None for who opened the home, and for who has not the role of an owner there, such as an admin.
    """
    who = context.principal
    if who.local or not any(grant.role is Role.OWNER and grant.domain in (None, domain) for grant in who.roles):
        return None
    if who.scope is not None and who.scope.team is not None:
        return who.scope.team
    return who.name if who.acts_for is None else who.acts_for.name


def describe_adoption(context: Context, domain: str) -> tuple[ActOutcome, ...]:
    """What is to be recorded of a domain that was created just now."""
    owner = find_adopter(context, domain)
    if owner is None:
        return ()
    return (ActOutcome(EventKind.DOMAIN_DEFINED, Subject(f"domain:{domain}"), {"owner": owner}),)
