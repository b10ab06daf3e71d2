"""Reads one entry of `policies`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from data_platform.spec.policies.modes import MODES, Mode, parse_mode
from data_platform.spec.policies.policy import (
    Condition,
    Enforcement,
    Evolution,
    PiiDetection,
    Policy,
    PolicyRuleSpec,
    PolicyScope,
    RuleType,
)
from data_platform.spec.policies.snippets import read_cases
from data_platform.spec.policies.vocabulary import CONDITION_LENGTH, POLICY, RULE, find_no_home
from data_platform.spec.product.duration import parse_duration
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import describe_node
from data_platform.spec.product.yaml.vocabulary import DESCRIPTION_LENGTH, NAME_LENGTH
from data_platform.spec.text.names import find_nearest, quote_text
from data_platform.spec.text.report import Place, Report
from data_platform.spec.text.yaml.passage import Passage, make_passage
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar

_ENFORCEMENTS = {
    "error": "blocking", "block": "blocking", "deny": "blocking", "strict": "blocking",
    "warn": "warning", "advisory": "warning", "info": "warning",
}  # fmt: skip
"""Other tools' words for ours, as hints."""


_DETECTIONS = {"warning": "warn", "blocking": "block", "error": "block", "none": "off"}
_OFF = ("off", "false")
"""What is `off` as YAML 1.1 reads it: without quotes it is false there."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A policy with the places of its enforcement and its rule."""

    policy: Policy
    enforcement: Place
    rule: Place


@dataclass(frozen=True, slots=True)
class Source:
    """The whole text of the file, and its report."""

    text: str
    report: Report

    def read_passage(self, node: Scalar) -> Passage:
        """A scalar's text with its places."""
        return make_passage(self.text, node)


def read_policy(source: Source, node: Node, domain: str | None) -> Placed | None:
    """The policy at `node`; of a domain, when one is named."""
    if not isinstance(node, Mapping):
        hint = "write {name: NAME, enforcement: blocking, rule: …}"
        source.report.error(node.place, f"a policy must be a mapping, not {describe_node(node)}", hint)
        return None
    fields = Fields(source.report, node, POLICY, "the policy", homes=find_no_home)
    fields.require("name")
    _judge_scope(fields, domain)
    name = fields.name("name") or ""
    detection = _read_detection(fields, domain)
    enforcement = detection.enforcement if detection else Enforcement.BLOCKING
    policy = Policy(
        name=name,
        enforcement=fields.read_choice("enforcement", Enforcement, _ENFORCEMENTS) or enforcement,
        description=fields.read_text("description", DESCRIPTION_LENGTH, one_line=False),
        domain=domain,
        rule=detection or _read_rule(source, fields),
        place=fields.locate("name"),
        cases=read_cases(fields, domain),
    )
    return Placed(policy, fields.locate("enforcement"), fields.locate("rule"))


def _judge_scope(fields: Fields, domain: str | None) -> None:
    scope = fields.read_choice("scope", PolicyScope)
    if scope is PolicyScope.DOMAIN and domain is None:
        message = "`scope` is domain, and `policies` holds the global ones"
        fields.report.error(fields.locate("scope"), message, "move it below `domain_policies`, under its domain")
    elif scope is PolicyScope.GLOBAL and domain is not None:
        message = f"`scope` is global, and this is a policy of the domain {domain}"
        fields.report.error(fields.locate("scope"), message, "move it to `policies`, or remove the line")


def _read_detection(fields: Fields, domain: str | None) -> PiiDetection | None:
    """The `pii_detection` of a policy, which is all that it says; a domain cannot turn it off."""
    if fields.read_raw("pii_detection").lower() in _OFF:
        detection: PiiDetection | None = PiiDetection.OFF
    else:
        detection = fields.read_choice("pii_detection", PiiDetection, _DETECTIONS)
    if detection is None:
        return None
    for word in ("rule", "enforcement"):
        if fields.find_node(word) is not None:
            hint = "remove it, or make two policies of them"
            fields.report.error(fields.locate(word), f"a policy with `pii_detection` has no `{word}`", hint)
    if detection is PiiDetection.OFF and domain is not None:
        message = f"{domain} cannot turn the detection of personal data off"
        fields.report.error(fields.locate("pii_detection"), message, "a domain may raise it: block")
    return detection


def _read_rule(source: Source, policy: Fields) -> PolicyRuleSpec | None:
    node = policy.read_mapping("rule")
    if node is None:
        return None
    fields = Fields(source.report, node, RULE, "the rule", homes=find_no_home)
    fields.require("type")
    kind = fields.read_choice("type", RuleType)
    if kind is None:
        return None
    return _read_evolution(fields) if kind is RuleType.SCHEMA_EVOLUTION else _read_condition(source, fields, kind)


def _read_condition(source: Source, fields: Fields, kind: RuleType) -> Condition | None:
    _refuse(fields, kind, "mode", "unread_for")
    fields.require("condition")
    text = fields.read_text("condition", CONDITION_LENGTH, one_line=False)
    node = fields.find_node("condition")
    return Condition.parse(kind, source.read_passage(node)) if text is not None and isinstance(node, Scalar) else None


def _read_evolution(fields: Fields) -> Evolution | None:
    _refuse(fields, RuleType.SCHEMA_EVOLUTION, "condition")
    fields.require("mode")
    unread_for = _read_duration(fields)
    mode = _read_mode(fields)
    return None if mode is None else Evolution(mode, unread_for)


def _refuse(fields: Fields, kind: RuleType, *words: str) -> None:
    for word in words:
        if fields.find_node(word) is not None:
            fields.report.error(fields.locate(word), f"a {kind.value} has no `{word}`", "remove it, or change `type`")


def _read_mode(fields: Fields) -> Mode | None:
    text = fields.read_text("mode", NAME_LENGTH)
    mode = None if text is None else parse_mode(text)
    if text is not None and mode is None:
        near = find_nearest(text, MODES)
        hint = f"did you mean {near}?" if near else f"write one of {', '.join(MODES)}"
        fields.report.error(fields.locate("mode"), f"`mode` cannot be {quote_text(text)}", hint)
    return mode


def _read_duration(fields: Fields) -> timedelta | None:
    text = fields.read_text("unread_for", NAME_LENGTH)
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        message, hint = error.args
        fields.report.error(fields.locate("unread_for"), f"`unread_for` {quote_text(text)} {message}", hint)
        return None
