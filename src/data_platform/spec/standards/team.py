"""The owner and the description as both standards write them (`team`, `description`)."""

from __future__ import annotations

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
        if (member.text("role") or "").strip().casefold() == OWNER:
            return member.text("username") or member.text("name")
    return team.text("name")


def description_of(text: str | None) -> dict[str, Any]:
    """The description: our text is its purpose."""
    return {"description": {"purpose": text}} if text else {}


def purpose_of(view: View) -> str | None:
    """The purpose."""
    purpose = view.view("description").text("purpose")
    return purpose if purpose and purpose.strip() else None
