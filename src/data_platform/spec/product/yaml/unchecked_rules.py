"""Reads `unchecked` of an output: the checks of a contract that cannot run here."""

from __future__ import annotations

from enum import StrEnum

from data_platform.spec.product.yaml.declaration import Claims, ColumnClaim
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import describe_node
from data_platform.spec.product.yaml.vocabulary import MOST_RULES, NAME_LENGTH, OVERLAY_LENGTH, TEXT_LENGTH, UNCHECKED
from data_platform.spec.rules.model import Unchecked
from data_platform.spec.text.yaml.tree import Mapping, Node


class CheckType(StrEnum):
    """ODCS 3.2.0, `quality[].type`."""

    TEXT = "text"
    LIBRARY = "library"
    SQL = "sql"
    CUSTOM = "custom"


def read_unchecked(fields: Fields, output: str, claims: Claims) -> tuple[Unchecked, ...]:
    """The checks of `output`; the columns that they name go into `claims`."""
    nodes = fields.read_items("unchecked", "[{name: NAME, check: {type: text, description: …}}]", MOST_RULES)
    read = [_read(fields, node, output, claims) for node in nodes]
    return tuple(check for check in read if check is not None)


def _read(fields: Fields, node: Node, output: str, claims: Claims) -> Unchecked | None:
    report = fields.report
    if not isinstance(node, Mapping):
        hint = "write {name: NAME, check: {type: text, description: …}}"
        report.error(node.place, f"an unchecked check must be a mapping, not {describe_node(node)}", hint)
        return None
    entry = Fields(report, node, UNCHECKED, "the check")
    entry.require("name", "check")
    name, why = entry.read_text("name", NAME_LENGTH), entry.read_text("why", TEXT_LENGTH)
    column = entry.read_text("column", NAME_LENGTH)
    check = entry.read_plain("check", OVERLAY_LENGTH)
    if name is None or not check:
        return None
    if column is not None:
        claims.columns.append(ColumnClaim(output, column, f"the check {name}", entry.locate("column")))
    kind = check.get("type", CheckType.LIBRARY)
    if kind not in list(CheckType):
        message = f"the `type` of a check is one of {', '.join(CheckType)}"
        report.error(entry.locate("check"), message, "write for example {type: text, description: …}")
        return None
    return Unchecked(name, str(kind), why or explain_unchecked(str(kind), check.get("engine")), column, check)


def explain_unchecked(kind: str, engine: object = None) -> str:
    """Why a check of that type does not run, when nothing else is known."""
    if kind == CheckType.TEXT:
        return "text is for people to judge"
    return f"{engine} is not run here" if engine else f"a check of type {kind} that does not run here"
