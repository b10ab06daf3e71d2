"""The words of a policies file."""

from __future__ import annotations

from data_platform.spec.policies.modes import MODES
from data_platform.spec.policies.policy import Enforcement, RuleType, Scope
from data_platform.spec.product.yaml import shapes
from data_platform.spec.product.yaml.vocabulary import DESCRIPTION_LENGTH, NAME_LENGTH, TEXT_LENGTH
from data_platform.spec.product.yaml.words import Word, Words

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
            {"anyOf": [shapes.text(TEXT_LENGTH), {"type": "object"}]},
            required=True,
        ),
        Word("expect", "pass or violation.", "expect: violation", shapes.one_of(["pass", "violation"]), required=True),
        Word(
            "subject",
            "What the violation is about.",
            "subject: orders_fact.customer_email",
            shapes.text(TEXT_LENGTH),
        ),
        Word("reason", "What the violation's reason holds.", "reason: is not declared", shapes.text(TEXT_LENGTH)),
        Word(
            "previous",
            "The product before the change; by default it is new.",
            "previous: {retention_days: 90}",
            {"anyOf": [shapes.text(TEXT_LENGTH), {"type": "object"}]},
        ),
    )
)

RULE = Words(
    (
        Word(
            "type",
            "schema-check and metadata-check are conditions, schema-evolution is about change.",
            "type: schema-check",
            shapes.one_of(RuleType),
            required=True,
        ),
        Word(
            "condition",
            "What must hold, in the policy language.",
            "condition: ASSERT product.retention_days IS NOT NULL",
            shapes.text(CONDITION_LENGTH),
        ),
        Word("mode", "The mode of a schema-evolution.", "mode: backward", shapes.one_of(MODES)),
        Word(
            "unread_for",
            "What nobody has read for so long may go, with a warning.",
            "unread_for: 30 days",
            shapes.text(NAME_LENGTH),
        ),
    )
)

POLICY = Words(
    (
        Word("name", "The policy's name.", "name: pii-encryption", shapes.text(NAME_LENGTH), required=True),
        Word(
            "description",
            "What it demands, in words.",
            "description: All PII columns must be encrypted at rest",
            shapes.text(DESCRIPTION_LENGTH),
        ),
        Word("scope", "global, or domain below `domain_policies`; it follows.", "scope: global", shapes.one_of(Scope)),
        Word(
            "enforcement",
            "blocking refuses (the default), warning is told and recorded.",
            "enforcement: warning",
            shapes.one_of(Enforcement),
        ),
        Word(
            "rule",
            "What is judged; without one it is the built-in rule of that name, else it must be attested.",
            "rule: {type: metadata-check, condition: ASSERT product.oncall IS NOT NULL}",
            shapes.mapping(RULE),
        ),
        Word("cases", "Products that must pass, and products that must not.", "…", shapes.mappings(CASE, MOST_CASES)),
    )
)

FILE = Words(
    (
        Word("policies", "The policies of every product.", "…", shapes.mappings(POLICY, MOST_POLICIES)),
        Word(
            "domain_policies",
            "What a domain adds for its products, by domain; it may raise a warning to blocking, and loosens nothing.",
            "domain_policies: {finance: [{name: audit-trail}]}",
            {"type": "object", "additionalProperties": shapes.mappings(POLICY, MOST_POLICIES)},
        ),
    )
)


def nowhere(word: str) -> None:
    """Whose field an unknown word is: nobody's, whatever product.yaml may call so."""
    return
