"""Every verb asks here first; the answer carries its reason."""

from __future__ import annotations

from data_platform.access.decide import decide
from data_platform.errors import AccessDenied
from data_platform.verbs.core.mesh import Mesh


def permit(mesh: Mesh, action: str, resource: str) -> None:
    """Raises AccessDenied with the deciding reason unless the principal may do `action` to `resource`."""
    decision = decide(mesh.principal, action, resource)
    if not decision.allowed:
        raise AccessDenied(f"{mesh.principal.name} may not {action} {resource}: {decision.reason}")
