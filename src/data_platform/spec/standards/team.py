"""The owner and the description as both standards write them (`team`, `description`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_platform.spec.standards.document import View

OWNER = "owner"


def write_team(owner: str) -> dict[str, Any]:
    """The team: an address is its member with the role of owner, a name is the team's own."""
    return {"members": [{"username": owner, "role": OWNER}]} if "@" in owner else {"name": owner}


def read_owner(view: View) -> str | None:
    """The member whose role is owner, else the team's name."""
    team = view.read_view("team")
    for member in team.read_views("members"):
        if _is_owner(member.read_text("role")):
            return member.read_text("username") or member.read_text("name")
    return team.read_text("name")


def name_owner(overlay: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The overlay of a document, which marks the member that it describes, or names among others, as the owner.

    `find_stale_owner` uses the mark to find the entry of a former owner.
    """
    members, theirs = _list_members(overlay), _list_members(document)
    owner = next((member for member in theirs if _is_owner(member.get("role"))), None)
    if not members or owner is None:
        return overlay
    named = {key: owner[key] for key in ("username", "role") if key in owner}
    at = next((at for at, member in enumerate(members) if member.get("username") == owner.get("username")), None)
    if at is not None:
        members[at] = {**named, **members[at]}
    elif any(_is_owner(member.get("role")) for member in members):
        members.insert(0, named)
    return {**overlay, "team": {**overlay["team"], "members": members}}


def find_stale_owner(overlay: Mapping[str, Any], owner: str) -> int | None:
    """Which member an overlay calls the owner, where the product has another by now."""
    for at, member in enumerate(_list_members(overlay)):
        if _is_owner(member.get("role")):
            return at if (member.get("username") or member.get("name")) != owner else None
    return None


def _list_members(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    team = document.get("team")
    members = team.get("members") if isinstance(team, Mapping) else None
    fits = isinstance(members, list) and all(isinstance(member, Mapping) for member in members)
    return list(members) if fits and members else []


def _is_owner(role: object) -> bool:
    return isinstance(role, str) and role.strip().casefold() == OWNER


def write_description(text: str | None) -> dict[str, Any]:
    """The description: our text is its purpose."""
    return {"description": {"purpose": text}} if text else {}


def read_purpose(view: View) -> str | None:
    """The purpose."""
    purpose = view.read_view("description").read_text("purpose")
    return purpose if purpose and purpose.strip() else None
