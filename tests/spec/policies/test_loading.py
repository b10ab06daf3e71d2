"""Policies files: what they may say, and what is said when they are wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.spec.policies import (
    Condition,
    Enforcement,
    Evolution,
    Mode,
    PiiDetection,
    RuleType,
    load_policies,
    read_policies,
)

MISSION = Path(__file__).parents[4] / "shared/mission/example/policies.yaml"


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidSpec) as caught:
        read_policies(text, "p.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.skipif(not MISSION.exists(), reason="the mission's example is not beside this checkout")
def test_the_missions_file_loads_as_written() -> None:
    file = load_policies(MISSION)
    assert file.text == MISSION.read_text()
    assert file.warnings == ()
    pii, retention, change = file.set.policies
    assert (pii.name, pii.enforcement, pii.domain) == ("pii-encryption", Enforcement.BLOCKING, None)
    assert isinstance(pii.rule, Condition)
    assert pii.rule.type is RuleType.SCHEMA_CHECK
    assert pii.rule.text.startswith("FOR column IN schema.columns\nWHERE")
    assert (pii.rule.place.line, pii.rule.place.column) == (9, 9)
    assert retention.enforcement is Enforcement.WARNING
    assert change.rule == Evolution(Mode.BACKWARD)
    (audit,) = file.set.domain_policies["finance"]
    assert (audit.name, audit.rule, audit.domain) == ("audit-trail", None, "finance")
    assert read_policies(file.text, "policies.yaml").set == file.set


def test_a_policy_blocks_unless_it_says_otherwise() -> None:
    (policy,) = read_policies("policies: [{name: approved}]", "p.yaml").set.policies
    assert policy.enforcement is Enforcement.BLOCKING


@pytest.mark.parametrize(
    ("mode", "meant"),
    [
        ("backward-compatible", Mode.BACKWARD),
        ("BACKWARD_TRANSITIVE", Mode.BACKWARD_TRANSITIVE),
        ("full-transitive", Mode.FULL_TRANSITIVE),
        ("none", Mode.NONE),
    ],
)
def test_modes_are_read_in_every_spelling(mode: str, meant: Mode) -> None:
    text = f"policies: [{{name: p, rule: {{type: schema-evolution, mode: {mode}, unread_for: 30 days}}}}]"
    assert read_policies(text, "p").set.policies[0].rule == Evolution(meant, timedelta(days=30))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "p.yaml:1:1: the file is empty\n  → write `policies:`"),
        ("[]", "p.yaml:1:1: a policies file must be a mapping of fields, not a list"),
        ("policy: []", 'p.yaml:1:1: the file has no field "policy"\n  → did you mean `policies`?'),
        ("policies: {}", "p.yaml:1:11: `policies` must be a list, not a mapping"),
        ("policies: [x]", 'p.yaml:1:12: a policy must be a mapping, not the text "x"'),
        ("policies: [{enforcement: warning}]", "p.yaml:1:12: the policy has no `name`"),
        ("policies: [{name: A b}]", 'p.yaml:1:19: `name` "A b" is no name'),
        ("policies: [{name: p, owner: x}]", 'p.yaml:1:22: the policy has no field "owner"\n  → its fields are name,'),
        ("policies: [{name: p, enforcement: warn}]", "did you mean warning?"),
        ("policies: [{name: p, scope: domain}]", "move it below `domain_policies`"),
        ("domain_policies: {a: [{name: p, scope: global}]}", "this is a policy of the domain a"),
        ("domain_policies: {A: []}", 'p.yaml:1:19: the domain "A" is no name'),
        ("domain_policies: {a: 3}", "p.yaml:1:22: the policies of a must be a list, not 3"),
        ("policies: [{name: p}, {name: p}]", "the policy p appears twice, first in line 1"),
        ("policies: [{name: p, rule: {}}]", "the rule has no `type`"),
        ("policies: [{name: p, rule: {type: schema-check}}]", "the rule has no `condition`"),
        ("policies: [{name: p, rule: {type: schema-evolution}}]", "the rule has no `mode`"),
        ("policies: [{name: p, rule: {type: schemacheck, condition: x}}]", "did you mean schema-check?"),
        ("policies: [{name: p, rule: {type: schema-check, condition: x, mode: full}}]", "schema-check has no `mode`"),
        ("policies: [{name: p, rule: {type: schema-evolution, mode: bakward}}]", "did you mean backward?"),
        (
            "policies: [{name: p, rule: {type: schema-evolution, mode: full, unread_for: 1 month}}]",
            "a month has no fixed length",
        ),
        ("policies: [{name: p, rule: {type: schema-check, condition: " + "a" * 10_001 + "}}]", "10,000 is the limit"),
    ],
)
def test_a_wrong_file_is_told_with_its_place_and_a_hint(text: str, told: str) -> None:
    assert told in problems(text)[0]


def test_all_problems_are_told_at_once() -> None:
    text = "policies:\n- name: p\n  scope: glob\n- name: q\n  enforcement: no\n  rule: {type: schema-evolution}\n"
    assert [problem.split(" ")[0] for problem in problems(text)] == ["p.yaml:3:10:", "p.yaml:5:16:", "p.yaml:6:9:"]


LEVELS = """\
policies:
  - {name: p, enforcement: %s, rule: {type: metadata-check, condition: "ASSERT product.description IS NOT NULL"}}
domain_policies:
  finance:
    - {name: p, enforcement: %s%s}
"""


def test_a_domain_may_raise_and_not_loosen() -> None:
    raised = read_policies(LEVELS % ("warning", "blocking", ""), "p.yaml").set
    (policy,) = raised.resolve_domain("finance")
    assert (policy.enforcement, policy.domain) == (Enforcement.BLOCKING, "finance")
    assert policy.rule == raised.policies[0].rule
    assert raised.resolve_domain("commerce") == raised.policies
    (told,) = problems(LEVELS % ("blocking", "warning", ""))
    assert told.startswith("p.yaml:5:30: finance cannot loosen the global policy p in line 2 from blocking to warning")


def test_a_domain_may_not_change_a_global_rule() -> None:
    rule = ', rule: {type: metadata-check, condition: "ASSERT product.%s IS NOT NULL"}'
    read_policies(LEVELS % ("warning", "warning", rule % "description"), "p.yaml")
    (told,) = problems(LEVELS % ("warning", "warning", rule % "version"))
    assert told.startswith("p.yaml:5:45: finance cannot change the rule of the global policy p in line 2")


@given(st.text() | st.text("policies:nam[]{} -\n\"'|>&*#%!?", max_size=40).map("policies: {}".format))
def test_any_text_is_a_policies_file_or_has_problems(text: str) -> None:
    try:
        read_policies(text, "p.yaml")
    except InvalidSpec as error:
        assert error.problems


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name: orders\ndomain: commerce\nowner: a\noutputs: []\ntags: [x]\n", "a product.yaml"),
        ("domain: commerce\nowner: a\n", "a product.yaml"),
        ("apiVersion: v3.1.0\nkind: DataContract\nid: x\n", "a document of ODCS or ODPS"),
        ('{"type": "object", "properties": {}}', "a JSON Schema"),
        ("name: p\nrule: {type: metadata-check}\n", "one policy without its list"),
    ],
)
def test_another_kind_of_file_is_one_problem(text: str, what: str) -> None:
    (problem,) = problems(text)
    assert f"this is {what}, not a policies file" in problem
    assert "`domain_policies:`" in problem


@pytest.mark.parametrize(
    ("mode", "detection", "enforcement"),
    [
        ("off", PiiDetection.OFF, Enforcement.WARNING),
        ('"off"', PiiDetection.OFF, Enforcement.WARNING),
        ("warn", PiiDetection.WARN, Enforcement.WARNING),
        ("block", PiiDetection.BLOCK, Enforcement.BLOCKING),
    ],
)
def test_the_detection_of_personal_data_is_a_policy(
    mode: str, detection: PiiDetection, enforcement: Enforcement
) -> None:
    (policy,) = read_policies(f"policies: [{{name: p, pii_detection: {mode}}}]", "p.yaml").set.policies
    assert (policy.rule, policy.enforcement) == (detection, enforcement)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{name: p, pii_detection: warning}", "did you mean warn?"),
        (
            "{name: p, pii_detection: block, enforcement: blocking}",
            "a policy with `pii_detection` has no `enforcement`",
        ),
        (
            "{name: p, pii_detection: block, rule: {type: metadata-check, condition: ASSERT TRUE}}",
            "a policy with `pii_detection` has no `rule`",
        ),
    ],
)
def test_a_policy_of_detection_says_nothing_else(policy: str, message: str) -> None:
    (problem,) = problems(f"policies: [{policy}]")
    assert message in problem


def test_a_domain_cannot_turn_detection_off_nor_loosen_it() -> None:
    (problem,) = problems("domain_policies: {finance: [{name: p, pii_detection: off}]}")
    assert "finance cannot turn the detection of personal data off" in problem
    both = "policies: [{name: p, pii_detection: block}]\ndomain_policies: {finance: [{name: p, pii_detection: warn}]}"
    assert any("finance cannot loosen the global policy p" in problem for problem in problems(both))
