"""Reads what an output promises: `sla` in our words, or ODCS's list `slaProperties`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from data_platform.spec.product.duration import parse_duration
from data_platform.spec.product.model import Sla, SlaProperty
from data_platform.spec.product.sla_properties import parse_sla
from data_platform.spec.product.yaml.declaration import Claims, ColumnClaim
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.timezones import read_timezone
from data_platform.spec.product.yaml.values import Plain, describe_node, read_plain
from data_platform.spec.product.yaml.vocabulary import MOST_PROMISES, NAME_LENGTH, SLA, SLA_PROPERTY, TEXT_LENGTH
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.report import Place
from data_platform.spec.text.yaml.tree import Mapping, Node

_BARE_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_PERCENT = re.compile(r"(-?[0-9]{1,18}(?:\.[0-9]{1,18})?) ?%")


def read_sla(fields: Fields, output: str, claims: Claims) -> Sla:
    """What the output `output` promises; the columns that it names go into `claims`."""
    if fields.find_key("sla") == "slaProperties":
        return _from_list(fields, output, claims)
    node = fields.read_mapping("sla")
    if node is None:
        return Sla()
    sla = Fields(fields.report, node, SLA, "`sla`")
    freshness = sla.read_text("freshness", 100, hint=_with_unit(sla.read_raw("freshness"), " minutes"))
    availability = sla.read_text("availability", 100, hint=_with_unit(sla.read_raw("availability"), "%"))
    column = sla.read_text("freshness_column", NAME_LENGTH)
    if column is not None:
        _add_claim(claims, output, column, "`freshness_column`", sla.locate("freshness_column"))
    return Sla(
        _read_freshness(sla, freshness),
        _read_availability(sla, availability),
        freshness,
        availability,
        column,
        read_timezone(sla),
        tuple(promise for promise, _ in _read_promises(sla, "properties")),
    )


def _add_claim(claims: Claims, output: str, column: str, what: str, place: Place) -> None:
    claims.columns.append(ColumnClaim(output, column, what, place))


def _from_list(fields: Fields, output: str, claims: Claims) -> Sla:
    """ODCS's list: latency and availability are what we measure, and an element names a column of this output."""
    placed = _read_promises(fields, "sla")
    sla, source = parse_sla([promise for promise, _ in placed])
    for promise, place in placed:
        if promise not in sla.properties and (strange := sorted(promise.more.keys() - {"customProperties"})):
            message = f"`{strange[0]}` of {promise.property} is not kept"
            fields.report.warn(
                place, message, f"write odcs: {{slaProperties: [{{property: latency, {strange[0]}: …}}]}}"
            )
    if source is None or source.element is None:
        return sla
    place = next(place for promise, place in placed if promise is source)
    table, _, column = source.element.rpartition(".")
    if table not in ("", output):
        message = f"`element` {quote_text(source.element)} is not of the output {output}"
        fields.report.error(place, message, f"write {output}.{column}")
    _add_claim(claims, output, column, "`element`", place)
    return replace(sla, freshness_column=column)


def _read_promises(fields: Fields, word: str) -> list[tuple[SlaProperty, Place]]:
    nodes = fields.read_items(word, "[{property: retention, value: 3, unit: years}]", MOST_PROMISES)
    read = [(_read_promise(fields, node), node.place) for node in nodes]
    return [(promise, place) for promise, place in read if promise is not None]


def _read_promise(fields: Fields, node: Node) -> SlaProperty | None:
    if not isinstance(node, Mapping):
        hint = "write {property: NAME, value: VALUE}"
        fields.report.error(node.place, f"a promise must be a mapping, not {describe_node(node)}", hint)
        return None
    entry = Fields(fields.report, node, SLA_PROPERTY, "the promise")
    entry.require("property")
    name = entry.read_text("property", NAME_LENGTH)
    if name is None:
        return None
    texts = {word: entry.read_text(word, TEXT_LENGTH) for word in ("unit", "element")}
    value = _read_plain(entry, "value")
    if isinstance(value, list | dict):
        fields.report.error(entry.locate("value"), "`value` must be text or a number, not a list or a mapping")
        value = None
    others = [word for word in SLA_PROPERTY.names if word not in ("property", "value", *texts)]
    more = {word: _read_plain(entry, word) for word in others if entry.find_node(word) is not None}
    return SlaProperty(name, value, texts["unit"], texts["element"], more)


def _read_plain(entry: Fields, word: str) -> Plain:
    node = entry.find_node(word)
    return None if node is None else read_plain(entry.report, node, f"`{word}`")


def _with_unit(written: str, unit: str) -> str | None:
    return f'write "{written}{unit}"' if _BARE_NUMBER.fullmatch(written) else None


def _read_freshness(sla: Fields, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        message, hint = error.args
        sla.report.error(sla.locate("freshness"), f"`{sla.find_key('freshness')}` {quote_text(text)} {message}", hint)
        return None


def _read_availability(sla: Fields, text: str | None) -> float | None:
    match = text and _PERCENT.fullmatch(text.strip())
    if text is None or (match and 0 <= float(match[1]) <= 100):
        return float(match[1]) if match else None
    problem = "is not from 0 % to 100 %" if match else "is no share in percent"
    message = f"`availability` {quote_text(text)} {problem}"
    sla.report.error(sla.locate("availability"), message, 'write for example "99.9%"')
    return None
