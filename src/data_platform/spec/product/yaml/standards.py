"""Reads what ODPS 1.1.0 writes as an object and we as a text: the team with its owner, and the description."""

from __future__ import annotations

from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import read_text
from data_platform.spec.product.yaml.vocabulary import DESCRIPTION, DESCRIPTION_LENGTH, OWNER_LENGTH
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence


def read_owner(fields: Fields) -> str | None:
    """The owner: our text, or the member of ODPS's `team` whose role is owner."""
    node = fields.find_node("owner")
    if node is None or fields.find_key("owner") == "owner":
        return fields.read_text("owner", OWNER_LENGTH)
    owners = [member for member in _list_members(node) if _has_text(member, "role", "owner")]
    names = [_find_value(member, "username") or _find_value(member, "name") for member in owners]
    if len(names) == 1 and names[0] is not None:
        return read_text(fields.report, names[0], "the owner's `username`", OWNER_LENGTH)
    problem = f"{len(owners)} owners" if len(owners) != 1 else "an owner without `username`"
    fields.report.error(node.place, f"`team` has {problem}", "write {members: [{username: ADDRESS, role: owner}]}")
    return None


def _list_members(team: Node) -> tuple[Node, ...]:
    """The members of a team, in its object form or in the list form that ODCS deprecates."""
    members = _find_value(team, "members") if isinstance(team, Mapping) else team
    return members.items if isinstance(members, Sequence) else ()


def _find_value(node: Node, key: str) -> Node | None:
    entries = node.entries if isinstance(node, Mapping) else ()
    return next((value for name, value in entries if name.text == key), None)


def _has_text(node: Node, key: str, text: str) -> bool:
    value = _find_value(node, key)
    return isinstance(value, Scalar) and value.text.casefold() == text


def read_description(fields: Fields) -> str | None:
    """The description: our text, or the parts of ODPS's object as paragraphs, its purpose first."""
    node = fields.find_node("description")
    if not isinstance(node, Mapping):
        return fields.read_text("description", DESCRIPTION_LENGTH, one_line=False)
    parts = Fields(fields.report, node, DESCRIPTION, "`description`")
    read = {part: parts.read_text(part, DESCRIPTION_LENGTH, one_line=False) for part in DESCRIPTION.names}
    return (
        "\n\n".join(
            text if part == "purpose" else f"{part.capitalize()}: {text}" for part, text in read.items() if text
        )
        or None
    )
