"""The mapping to which each word belongs."""

from __future__ import annotations

from data_platform.spec.product.yaml.vocabulary.access import ACCESS, AUTO_APPROVE, READER
from data_platform.spec.product.yaml.vocabulary.ports import EXPECTED, INPUT, OUTPUT
from data_platform.spec.product.yaml.vocabulary.product import PRODUCT
from data_platform.spec.product.yaml.vocabulary.promises import SLA, SLA_PROPERTY
from data_platform.spec.product.yaml.vocabulary.rules import EXPECTATION, RULE, UNCHECKED
from data_platform.spec.product.yaml.vocabulary.watching import ALERT, ONCALL, QUIET_HOURS

HOMES = (
    ("the product", PRODUCT),
    ("an output", OUTPUT),
    ("`sla`", SLA),
    ("an entry of `sla.properties`", SLA_PROPERTY),
    ("a rule", RULE),
    ("an entry of `expect`", EXPECTATION),
    ("an entry of `unchecked`", UNCHECKED),
    ("an input", INPUT),
    ("`expectations`", EXPECTED),
    ("`access`", ACCESS),
    ("an entry of `readers`", READER),
    ("an entry of `auto_approve`", AUTO_APPROVE),
    ("an entry of `alerts`", ALERT),
    ("`quiet_hours`", QUIET_HOURS),
    ("`oncall`", ONCALL),
)


def find_home(spelling: str) -> str | None:
    """The mapping that has the field, when only one has it: where to move the word to."""
    homes = [home for home, words in HOMES if words.find_canonical(spelling) is not None]
    return homes[0] if len(homes) == 1 else None
