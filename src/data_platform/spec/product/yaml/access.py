"""Reads `access` of a product or an output; the columns that it names are checked once the schemas are there."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from data_platform.settings import Role
from data_platform.spec.access.filter_text import LONGEST, RowFilterRefusal, parse_row_filter
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import (
    AccessSpec,
    ColumnClass,
    ReaderConditions,
    ReaderEntry,
    RowFilter,
    Visibility,
)
from data_platform.spec.product.duration import parse_duration
from data_platform.spec.product.yaml.declaration import Claims
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import describe_node, read_number
from data_platform.spec.product.yaml.vocabulary import (
    ACCESS,
    AUTO_APPROVE,
    MASK_SIZE,
    MOST_READERS,
    NAME_LENGTH,
    OWNER_LENGTH,
    READER,
    TEXT_LENGTH,
)
from data_platform.spec.text.names import find_nearest, quote_text
from data_platform.spec.text.yaml.scalars import ScalarKind, parse_value
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar

_MASKS = [kind.value for kind in MaskKind]
_DAYS = re.compile(r"^ *([0-9]+)d *$")
_CLASSES = [one.value for one in ColumnClass]
_VISIBILITIES = {"private": "restricted", "open": "public", "confidential": "restricted"}
"""Other tools' words for ours, as hints."""


def read_access(fields: Fields, claims: Claims) -> AccessSpec:
    """The `access` of `fields`; the places of the columns that it names go into `claims`."""
    node = fields.read_mapping("access")
    if node is None:
        return AccessSpec()
    claims.access[""] = node.place
    access = Fields(fields.report, node, ACCESS, "`access`")
    duration = access.read_text("max_duration", 100)
    return AccessSpec(
        visibility=access.read_choice("visibility", Visibility, _VISIBILITIES),
        discoverable=_read_boolean(access, "discoverable"),
        readers=_read_readers(access, claims),
        rows=_read_rows(access, "rows", claims),
        masks=_read_masks(access, claims),
        auto_approve=_read_auto_approve(access),
        max_duration=_read_duration(access, duration),
        max_duration_text=duration,
        terms=access.read_text("terms", TEXT_LENGTH, one_line=False),
        approvers=access.read_texts("approvers", OWNER_LENGTH, or_one=True),
        lines={word: access.locate(word).line for word in ACCESS.names if access.find_node(word) is not None},
    )


def _read_boolean(fields: Fields, word: str) -> bool | None:
    node = fields.find_node(word)
    if node is None:
        return None
    if isinstance(node, Scalar) and node.kind is ScalarKind.BOOLEAN and node.text.lower() in ("true", "false"):
        return bool(parse_value(node.text, node.kind))
    fields.report.error(node.place, f"`{word}` must be true or false, not {describe_node(node)}")
    return None


def _read_readers(access: Fields, claims: Claims) -> tuple[ReaderEntry, ...] | None:
    if access.find_node("readers") is None:
        return None
    nodes = access.read_items("readers", "[{teams: [analytics]}]", MOST_READERS)
    read = [_read_reader(access, node, at, claims) for at, node in enumerate(nodes)]
    return tuple(entry for entry in read if entry is not None)


def _read_reader(access: Fields, node: Node, at: int, claims: Claims) -> ReaderEntry | None:
    if not isinstance(node, Mapping):
        hint = "write {teams: [analytics]}"
        access.report.error(node.place, f"a reader must be a mapping, not {describe_node(node)}", hint)
        return None
    entry = Fields(access.report, node, READER, "the reader")
    deny = _read_boolean(entry, "deny") or False
    if deny and (opening := next((word for word in ("columns", "rows") if entry.find_node(word)), None)):
        message = f"`{opening}` opens something, and `deny: true` opens nothing"
        access.report.error(entry.locate(opening), message, "write two entries")
    return ReaderEntry(
        _read_conditions(entry),
        _read_columns(entry, at, claims),
        _read_rows(entry, "rows", claims, f"readers.{at}.rows"),
        deny,
        node.place.line,
    )


def _read_conditions(entry: Fields) -> ReaderConditions:
    """Who is meant by an entry, which must say so."""
    words = [word for word in ("teams", "principals", "roles", "domains", "purposes") if entry.find_node(word)]
    if not words:
        hint = "write for example teams: [analytics]; `visibility: internal` opens it to everyone with a role"
        entry.report.error(entry.place, f"{entry.subject} names nobody", hint)
    most = {"roles": NAME_LENGTH, "domains": NAME_LENGTH, "purposes": TEXT_LENGTH}
    values = {word: entry.read_texts(word, most.get(word, OWNER_LENGTH), or_one=True) for word in words}
    for role in values.get("roles", ()):
        if role not in list(Role):
            near = find_nearest(role, list(Role))
            hint = f"did you mean {near}?" if near else f"the roles are {', '.join(Role)}"
            entry.report.error(entry.locate("roles"), f"there is no role {quote_text(role)}", hint)
    return ReaderConditions(**values)


def _read_columns(entry: Fields, at: int, claims: Claims) -> ColumnClass | tuple[str, ...] | None:
    node = entry.find_node("columns")
    if node is None:
        return None
    claims.access[f"readers.{at}.columns"] = node.place
    if not isinstance(node, Scalar):
        return entry.read_texts("columns", NAME_LENGTH)
    word = entry.read_word("columns", _CLASSES)
    return None if word is None else ColumnClass(word)


def _read_rows(fields: Fields, word: str, claims: Claims, place: str = "rows") -> RowFilter | None:
    text = fields.read_text(word, LONGEST, one_line=False)
    if text is None:
        return None
    claims.access[place] = fields.locate(word)
    try:
        return RowFilter(text, parse_row_filter(text))
    except RowFilterRefusal as refusal:
        fields.report.error(fields.locate(word), f"`{word}` {refusal}", refusal.hint)
        return None


def _read_masks(access: Fields, claims: Claims) -> dict[str, Mask]:
    node = access.read_mapping("masks")
    masks: dict[str, Mask] = {}
    for key, value in node.entries if node is not None else ():
        mask = _read_mask(access, key.text, value)
        if key.text in masks:
            access.report.error(key.place, f"`masks` names {quote_text(key.text)} twice", "remove one")
        elif mask is not None:
            masks[key.text] = mask
            claims.access[f"masks.{key.text}"] = value.place
    return masks


def _read_mask(access: Fields, column: str, node: Node) -> Mask | None:
    report = access.report
    if isinstance(node, Mapping) and [key.text for key, _ in node.entries] == [MASK_SIZE]:
        size = read_number(report, node.entries[0][1], "the width of a bucket")
        if size is not None and size <= 0:
            report.error(node.entries[0][1].place, f"the width of a bucket must be above 0, not {size}")
        return None if size is None else Mask(MaskKind.BUCKET, Decimal(str(size)))
    if isinstance(node, Scalar) and node.kind in (ScalarKind.NULL, ScalarKind.TEXT):
        word = node.text if node.kind is ScalarKind.TEXT else MaskKind.NULL.value
        if word in _MASKS and word != MASK_SIZE:
            return Mask(MaskKind(word))
        report.error(node.place, f"the mask of {quote_text(column)} cannot be {quote_text(word)}", _suggest_mask(word))
        return None
    message = f"the mask of {quote_text(column)} cannot be {describe_node(node)}"
    report.error(node.place, message, _list_masks())
    return None


def _suggest_mask(word: str) -> str:
    near = find_nearest(word, _MASKS)
    if MASK_SIZE in (word, near):
        return "write {bucket: 100}"
    return f"did you mean {near}?" if near else _list_masks()


def _list_masks() -> str:
    return f"write one of {', '.join(word for word in _MASKS if word != MASK_SIZE)}, or {{bucket: 100}}"


def _read_auto_approve(access: Fields) -> tuple[ReaderConditions, ...] | None:
    if access.find_node("auto_approve") is None:
        return None
    entries = []
    for node in access.read_items("auto_approve", "[{roles: [owner]}]", MOST_READERS):
        if isinstance(node, Mapping):
            entries.append(_read_conditions(Fields(access.report, node, AUTO_APPROVE, "the entry of `auto_approve`")))
        else:
            message = f"an entry of `auto_approve` must be a mapping, not {describe_node(node)}"
            access.report.error(node.place, message, "write {roles: [owner]}")
    return tuple(entries)


def _read_duration(access: Fields, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        return parse_duration(_DAYS.sub(r"\1 days", text))
    except ValueError as error:
        message, hint = error.args
        access.report.error(access.locate("max_duration"), f"`max_duration` {quote_text(text)} {message}", hint)
        return None
