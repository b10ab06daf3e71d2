"""Every request is authorised here before its verb runs; the answer carries its reason."""

from __future__ import annotations

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import Decision, decide
from data_platform.errors import AccessDenied
from data_platform.verbs.core.context import Context


def authorize(context: Context, action: Action, resource: Resource) -> Decision:
    """The decision that allows the caller to do `action` to `resource`; raises AccessDenied with its reason."""
    decision = decide(context.principal, action, resource)
    if decision.row_filter is not None:
        raise AccessDenied(
            f"{context.principal.name} may see some rows of {resource} only, and rows cannot be filtered yet"
        )
    if not decision.allowed:
        raise AccessDenied(f"{context.principal.name} may not {action} {resource}: {decision.reason}")
    return decision
