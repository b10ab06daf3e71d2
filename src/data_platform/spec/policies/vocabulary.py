"""The words of a policies file."""

from __future__ import annotations

from data_platform.spec.policies.modes import MODES
from data_platform.spec.policies.policy import Enforcement, PiiDetection, PolicyScope, RuleType
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.field_list import Word, Words
from data_platform.spec.product.yaml.vocabulary import DESCRIPTION_LENGTH, NAME_LENGTH, TEXT_LENGTH

MOST_POLICIES = 500
MOST_DOMAINS = 1_000
MOST_CASES = 100
CONDITION_LENGTH = 10_000

CASE = Words(
    (
        Word(
            "product",
            "The product: its product.yaml (relative to this file), or the fields that matter; others have a default.",
            "product: {retention_days: 30}",
            {"anyOf": [shapes.make_text(TEXT_LENGTH), {"type": "object"}]},
            required=True,
        ),
        Word(
            "expect",
            "pass or violation.",
            "expect: violation",
            shapes.make_one_of(["pass", "violation"]),
            required=True,
        ),
        Word(
            "subject",
            "What the violation is about.",
            "subject: orders_fact.customer_email",
            shapes.make_text(TEXT_LENGTH),
        ),
        Word("reason", "What the violation's reason holds.", "reason: is not declared", shapes.make_text(TEXT_LENGTH)),
        Word(
            "previous",
            "The product before the change; by default it is new.",
            "previous: {retention_days: 90}",
            {"anyOf": [shapes.make_text(TEXT_LENGTH), {"type": "object"}]},
        ),
    )
)

RULE = Words(
    (
        Word(
            "type",
            "schema-check and metadata-check are conditions, schema-evolution is about change.",
            "type: schema-check",
            shapes.make_one_of(RuleType),
            required=True,
        ),
        Word(
            "condition",
            "What must hold, in the policy language.",
            "condition: ASSERT product.retention_days IS NOT NULL",
            shapes.make_text(CONDITION_LENGTH),
        ),
        Word("mode", "The mode of a schema-evolution.", "mode: backward", shapes.make_one_of(MODES)),
        Word(
            "unread_for",
            "What has not been read for so long may be removed, with a warning.",
            "unread_for: 30 days",
            shapes.make_text(NAME_LENGTH),
        ),
    )
)

POLICY = Words(
    (
        Word("name", "The policy's name.", "name: pii-encryption", shapes.make_text(NAME_LENGTH), required=True),
        Word(
            "description",
            "What it demands, in words.",
            "description: All PII columns must be encrypted at rest",
            shapes.make_text(DESCRIPTION_LENGTH),
        ),
        Word(
            "scope",
            "global, or domain below `domain_policies`; it follows.",
            "scope: global",
            shapes.make_one_of(PolicyScope),
        ),
        Word(
            "enforcement",
            "blocking refuses (the default), warning is reported and recorded.",
            "enforcement: warning",
            shapes.make_one_of(Enforcement),
        ),
        Word(
            "rule",
            "What is judged; without one it is the built-in rule of that name, else it must be attested.",
            "rule: {type: metadata-check, condition: ASSERT product.oncall IS NOT NULL}",
            shapes.make_mapping(RULE),
        ),
        Word(
            "pii_detection",
            "In place of a rule: off, warn or block, for personal data that a publish finds and nobody declared.",
            "pii_detection: block",
            shapes.make_one_of(PiiDetection),
        ),
        Word(
            "cases", "Products that must pass, and products that must not.", "…", shapes.make_mappings(CASE, MOST_CASES)
        ),
    )
)

FILE = Words(
    (
        Word("policies", "The policies of every product.", "…", shapes.make_mappings(POLICY, MOST_POLICIES)),
        Word(
            "domain_policies",
            "What a domain adds for its products, by domain; it may raise a warning to blocking, and loosens nothing.",
            "domain_policies: {finance: [{name: audit-trail}]}",
            {"type": "object", "additionalProperties": shapes.make_mappings(POLICY, MOST_POLICIES)},
        ),
    )
)


def find_no_home(word: str) -> None:
    """No suggestion for an unknown field: fields of product.yaml have no meaning here."""
    return
