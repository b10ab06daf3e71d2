"""The roles of a principal."""

from __future__ import annotations

from data_platform.settings import Principal, Role


def is_admin(principal: Principal) -> bool:
    """Whether the principal administers the mesh: it opened the home, or has the role; for an agent its person too."""
    if principal.acts_for is not None and not is_admin(principal.acts_for):
        return False
    return principal.local or any(grant.role is Role.ADMIN for grant in principal.roles)
