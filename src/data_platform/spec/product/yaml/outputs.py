"""Reads one entry of `outputs`."""

from __future__ import annotations

import re
from collections.abc import Collection

from data_platform.spec.product.model import Output, OutputType
from data_platform.spec.product.yaml.access import read_access
from data_platform.spec.product.yaml.declaration import Claims, ColumnClaim, PlacedRule
from data_platform.spec.product.yaml.expectations import read_expectation
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.rules import Readable, read_rule
from data_platform.spec.product.yaml.sla import read_sla
from data_platform.spec.product.yaml.unchecked_rules import read_unchecked
from data_platform.spec.product.yaml.values import describe_node
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
from data_platform.spec.rules.model import Rule, SqlMeasure
from data_platform.spec.schema.path import find_schema_path_problem
from data_platform.spec.sql.columns import list_own_columns
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import Mapping, Node

_TYPES = {"view": "table", "file": "table", "dataset": "table", "topic": "stream", "kafka": "stream"}
TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


def read_output(report: Report, node: Node, inputs: Collection[tuple[str, str]], claims: Claims) -> Output | None:
    """The output at `node`; what it says about its schema goes into `claims`."""
    if not isinstance(node, Mapping):
        report.error(
            node.place, f"an output must be a mapping, not {describe_node(node)}", "write {name: NAME, type: table}"
        )
        return None
    fields = Fields(report, node, OUTPUT, "the output")
    fields.require("name")
    name = fields.name("name") or ""
    kind = fields.read_choice("type", OutputType, _TYPES) or OutputType.TABLE
    return Output(
        name=name,
        type=kind,
        description=fields.read_text("description", DESCRIPTION_LENGTH, one_line=False),
        version=read_version(fields),
        schema_path=_read_schema_path(fields, name, claims),
        topic=_read_topic(fields, kind),
        primary_key=_read_columns(fields, "primary_key", name, claims),
        partition_by=_read_columns(fields, "partition_by", name, claims),
        sla=read_sla(fields, name, claims),
        rules=_read_rules(fields, Readable(name or fields.read_raw("name"), inputs), claims),
        tags=fields.read_texts("tags", TAG_LENGTH, one_line=False),
        unchecked=read_unchecked(fields, name, claims),
        contract_id=fields.read_text("contract_id", TEXT_LENGTH),
        access=read_access(fields, claims),
        odcs=fields.read_plain("odcs", OVERLAY_LENGTH),
        odps=fields.read_plain("odps", OVERLAY_LENGTH),
    )


def _read_schema_path(fields: Fields, output: str, claims: Claims) -> str | None:
    path = fields.read_text("schema", TEXT_LENGTH)
    if path is None:
        return None
    place = fields.locate("schema")
    if problem := find_schema_path_problem(path):
        fields.report.error(place, f"`schema` {quote_text(path)} {problem}", "name a file beside or below product.yaml")
        return None
    claims.schemas[output] = place
    return path


def _read_topic(fields: Fields, kind: OutputType) -> str | None:
    topic = fields.read_text("topic", TOPIC_LENGTH)
    if topic is None:
        return None
    if kind is not OutputType.STREAM:
        hint = "write type: stream, or remove the topic"
        fields.report.error(fields.locate("topic"), "`topic` belongs to a stream, and this is a table", hint)
    if not TOPIC.fullmatch(topic) or topic in (".", ".."):
        message = f"`topic` {quote_text(topic)} is not made of letters, digits, dots, _ and -"
        fields.report.error(fields.locate("topic"), message)
    return topic


def _read_columns(fields: Fields, word: str, output: str, claims: Claims) -> tuple[str, ...]:
    placed_columns = fields.read_placed_texts(word, NAME_LENGTH, or_one=True)
    claims.columns += [ColumnClaim(output, column, f"`{word}`", place) for column, place in placed_columns]
    return tuple(column for column, _ in placed_columns)


def _read_rules(fields: Fields, readable: Readable, claims: Claims) -> tuple[Rule, ...]:
    report = fields.report
    written = fields.read_items("quality_rules", '[{rule: NAME, sql: "SELECT …", threshold: 0}]', MOST_RULES)
    expected = fields.read_items("expect", "[expect_column_values_to_not_be_null: COLUMN]", MOST_RULES)
    read = [
        *(read_rule(report, node, readable) for node in written),
        *(read_expectation(report, node, readable.inputs) for node in expected),
    ]
    placed = [rule for rule in read if rule is not None]
    _judge_names(report, placed)
    for placed_rule in placed:
        what = f"the rule {quote_text(placed_rule.rule.name)}"
        claims.columns += [ColumnClaim(readable.table, c, what, placed_rule.place) for c in placed_rule.rule.columns]
        if isinstance(placed_rule.rule.measure, SqlMeasure):
            named = list_own_columns(placed_rule.rule.measure.query, readable.table)
            claims.columns += [
                ColumnClaim(readable.table, c, f"the SQL of {what}", placed_rule.place, sql=True) for c in named
            ]
    return tuple(placed_rule.rule for placed_rule in placed)


def _judge_names(report: Report, rules: list[PlacedRule]) -> None:
    first: dict[str, PlacedRule] = {}
    for placed_rule in rules:
        name = placed_rule.rule.name
        if name and name in first:
            message = f"the rule {quote_text(name)} appears twice, first in line {first[name].place.line}"
            report.error(placed_rule.place, message, "give each rule of an output a name of its own")
        first.setdefault(name, placed_rule)
