"""Every verb asks here first; the answer carries its reason."""

from __future__ import annotations

from data_platform.access.decide import decide
from data_platform.errors import AccessDenied
from data_platform.verbs.core.context import Context


def permit(context: Context, action: str, resource: str) -> None:
    """Raises AccessDenied with the deciding reason unless the principal may do `action` to `resource`."""
    decision = decide(context.principal, action, resource)
    if not decision.allowed:
        raise AccessDenied(f"{context.principal.name} may not {action} {resource}: {decision.reason}")
