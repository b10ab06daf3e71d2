"""Reads one entry of `outputs`."""

from __future__ import annotations

import re
from collections.abc import Collection

from data_platform.spec.product.model import Output, OutputType
from data_platform.spec.product.yaml.claims import Claims, ColumnClaim, PlacedRule
from data_platform.spec.product.yaml.expectations import read_expectation
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.rules import Readable, read_rule
from data_platform.spec.product.yaml.sla import read_sla
from data_platform.spec.product.yaml.unchecked import read_unchecked
from data_platform.spec.product.yaml.values import said
from data_platform.spec.product.yaml.versions import read_version
from data_platform.spec.product.yaml.vocabulary import (
    DESCRIPTION_LENGTH,
    MOST_RULES,
    NAME_LENGTH,
    OUTPUT,
    OVERLAY_LENGTH,
    TAG_LENGTH,
    TEXT_LENGTH,
    TOPIC_LENGTH,
)
from data_platform.spec.rules.model import Rule, Sql
from data_platform.spec.schema.path import schema_path_problem
from data_platform.spec.sql.columns import own_columns
from data_platform.spec.text.names import shown
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import Mapping, Node

_TYPES = {"view": "table", "file": "table", "dataset": "table", "topic": "stream", "kafka": "stream"}
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


def read_output(report: Report, node: Node, inputs: Collection[tuple[str, str]], claims: Claims) -> Output | None:
    """The output at `node`; what it says about its schema goes into `claims`."""
    if not isinstance(node, Mapping):
        report.error(node.place, f"an output must be a mapping, not {said(node)}", "write {name: NAME, type: table}")
        return None
    fields = Fields(report, node, OUTPUT, "the output")
    fields.require("name")
    name = fields.name("name") or ""
    kind = fields.choice("type", OutputType, _TYPES) or OutputType.TABLE
    return Output(
        name=name,
        type=kind,
        description=fields.text("description", DESCRIPTION_LENGTH, one_line=False),
        version=read_version(fields),
        schema_path=_schema_path(fields, name, claims),
        topic=_topic(fields, kind),
        primary_key=_columns(fields, "primary_key", name, claims),
        partition_by=_columns(fields, "partition_by", name, claims),
        sla=read_sla(fields, name, claims),
        rules=_rules(fields, Readable(name or fields.written("name"), inputs), claims),
        tags=fields.texts("tags", TAG_LENGTH, one_line=False),
        unchecked=read_unchecked(fields, name, claims),
        contract_id=fields.text("contract_id", TEXT_LENGTH),
        odcs=fields.plain("odcs", OVERLAY_LENGTH),
        odps=fields.plain("odps", OVERLAY_LENGTH),
    )


def _schema_path(fields: Fields, output: str, claims: Claims) -> str | None:
    path = fields.text("schema", TEXT_LENGTH)
    if path is None:
        return None
    place = fields.place_of("schema")
    if problem := schema_path_problem(path):
        fields.report.error(place, f"`schema` {shown(path)} {problem}", "name a file beside or below product.yaml")
        return None
    claims.schemas[output] = place
    return path


def _topic(fields: Fields, kind: OutputType) -> str | None:
    topic = fields.text("topic", TOPIC_LENGTH)
    if topic is None:
        return None
    if kind is not OutputType.STREAM:
        hint = "write type: stream, or remove the topic"
        fields.report.error(fields.place_of("topic"), "`topic` belongs to a stream, and this is a table", hint)
    if not TOPIC.fullmatch(topic) or topic in (".", ".."):
        message = f"`topic` {shown(topic)} is not made of letters, digits, dots, _ and -"
        fields.report.error(fields.place_of("topic"), message)
    return topic


def _columns(fields: Fields, word: str, output: str, claims: Claims) -> tuple[str, ...]:
    found = fields.placed_texts(word, NAME_LENGTH, or_one=True)
    claims.columns += [ColumnClaim(output, column, f"`{word}`", place) for column, place in found]
    return tuple(column for column, _ in found)


def _rules(fields: Fields, readable: Readable, claims: Claims) -> tuple[Rule, ...]:
    report = fields.report
    written = fields.items("quality_rules", '[{rule: NAME, sql: "SELECT …", threshold: 0}]', MOST_RULES)
    expected = fields.items("expect", "[expect_column_values_to_not_be_null: COLUMN]", MOST_RULES)
    read = [
        *(read_rule(report, node, readable) for node in written),
        *(read_expectation(report, node, readable.inputs) for node in expected),
    ]
    placed = [rule for rule in read if rule is not None]
    _judge_names(report, placed)
    for found in placed:
        what = f"the rule {shown(found.rule.name)}"
        claims.columns += [ColumnClaim(readable.table, c, what, found.place) for c in found.rule.columns]
        if isinstance(found.rule.measure, Sql):
            named = own_columns(found.rule.measure.query, readable.table)
            claims.columns += [
                ColumnClaim(readable.table, c, f"the SQL of {what}", found.place, sql=True) for c in named
            ]
    return tuple(found.rule for found in placed)


def _judge_names(report: Report, rules: list[PlacedRule]) -> None:
    first: dict[str, PlacedRule] = {}
    for found in rules:
        name = found.rule.name
        if name and name in first:
            message = f"the rule {shown(name)} stands twice, first in line {first[name].place.line}"
            report.error(found.place, message, "give each rule of an output a name of its own")
        first.setdefault(name, found)
