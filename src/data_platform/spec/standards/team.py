"""The owner and the description as both standards write them (`team`, `description`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_platform.spec.standards.document import View

OWNER = "owner"


def team_of(owner: str) -> dict[str, Any]:
    """The team: an address is its member with the role of owner, a name is the team's own."""
    return {"members": [{"username": owner, "role": OWNER}]} if "@" in owner else {"name": owner}


def owner_of(view: View) -> str | None:
    """The member whose role is owner, else the team's name."""
    team = view.view("team")
    for member in team.views("members"):
        if _is_owner(member.text("role")):
            return member.text("username") or member.text("name")
    return team.text("name")


def naming_owner(overlay: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The overlay of a document, saying of the owner whom it describes, or beside whom it names others, that he is.

    By that `stale_owner` knows the members of an owner who is none any more.
    """
    members, theirs = _members(overlay), _members(document)
    owner = next((member for member in theirs if _is_owner(member.get("role"))), None)
    if not members or owner is None:
        return overlay
    named = {key: owner[key] for key in ("username", "role") if key in owner}
    at = next((at for at, each in enumerate(members) if each.get("username") == owner.get("username")), None)
    if at is not None:
        members[at] = {**named, **members[at]}
    elif any(_is_owner(each.get("role")) for each in members):
        members.insert(0, named)
    return {**overlay, "team": {**overlay["team"], "members": members}}


def stale_owner(overlay: Mapping[str, Any], owner: str) -> int | None:
    """Which member an overlay calls the owner, where the product has another by now."""
    for at, member in enumerate(_members(overlay)):
        if _is_owner(member.get("role")):
            return at if (member.get("username") or member.get("name")) != owner else None
    return None


def _members(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    team = document.get("team")
    members = team.get("members") if isinstance(team, Mapping) else None
    fits = isinstance(members, list) and all(isinstance(member, Mapping) for member in members)
    return list(members) if fits and members else []


def _is_owner(role: object) -> bool:
    return isinstance(role, str) and role.strip().casefold() == OWNER


def description_of(text: str | None) -> dict[str, Any]:
    """The description: our text is its purpose."""
    return {"description": {"purpose": text}} if text else {}


def purpose_of(view: View) -> str | None:
    """The purpose."""
    purpose = view.view("description").text("purpose")
    return purpose if purpose and purpose.strip() else None
