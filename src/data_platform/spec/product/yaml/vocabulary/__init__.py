"""Every field of product.yaml.

Aliases are the words of ODCS 3.2.0 and ODPS 1.1.0 for the same thing; where both are given, the file is refused.
"""

from data_platform.spec.product.yaml.vocabulary.access import ACCESS, AUTO_APPROVE, MASK_SIZE, READER
from data_platform.spec.product.yaml.vocabulary.limits import (
    DESCRIPTION_LENGTH,
    MOST_EXPECTED,
    MOST_OUTPUTS,
    MOST_PROMISES,
    MOST_READERS,
    MOST_RULES,
    NAME_LENGTH,
    OVERLAY_LENGTH,
    OWNER_LENGTH,
    RETENTION_DAYS,
    SQL_LENGTH,
    TAG_LENGTH,
    TEXT_LENGTH,
    TOPIC_LENGTH,
)
from data_platform.spec.product.yaml.vocabulary.mappings import find_home
from data_platform.spec.product.yaml.vocabulary.ports import EXPECTED, INPUT, OUTPUT
from data_platform.spec.product.yaml.vocabulary.product import DESCRIPTION, PRODUCT
from data_platform.spec.product.yaml.vocabulary.promises import SLA, SLA_PROPERTY
from data_platform.spec.product.yaml.vocabulary.rules import (
    BETWEEN,
    EXPECTATION,
    EXPECTATION_OPTIONS,
    OPERATORS,
    RULE,
    SEVERITIES,
    THRESHOLD,
    UNCHECKED,
)

__all__ = [
    "ACCESS",
    "AUTO_APPROVE",
    "BETWEEN",
    "DESCRIPTION",
    "DESCRIPTION_LENGTH",
    "EXPECTATION",
    "EXPECTATION_OPTIONS",
    "EXPECTED",
    "INPUT",
    "MASK_SIZE",
    "MOST_EXPECTED",
    "MOST_OUTPUTS",
    "MOST_PROMISES",
    "MOST_READERS",
    "MOST_RULES",
    "NAME_LENGTH",
    "OPERATORS",
    "OUTPUT",
    "OVERLAY_LENGTH",
    "OWNER_LENGTH",
    "PRODUCT",
    "READER",
    "RETENTION_DAYS",
    "RULE",
    "SEVERITIES",
    "SLA",
    "SLA_PROPERTY",
    "SQL_LENGTH",
    "TAG_LENGTH",
    "TEXT_LENGTH",
    "THRESHOLD",
    "TOPIC_LENGTH",
    "UNCHECKED",
    "find_home",
]
