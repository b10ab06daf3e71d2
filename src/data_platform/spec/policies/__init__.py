"""The policies of a mesh and of its domains, as typed data."""

from data_platform.spec.policies.cases import Case, Expectation
from data_platform.spec.policies.loading import PolicyFile, load_policies, read_policies
from data_platform.spec.policies.merging import keep_levels, merge_policies
from data_platform.spec.policies.modes import MODES, Direction, Mode, parse_mode
from data_platform.spec.policies.policy import (
    Condition,
    Enforcement,
    Evolution,
    PiiDetection,
    Policy,
    PolicyScope,
    PolicySet,
    RuleType,
)

__all__ = [
    "MODES",
    "Case",
    "Condition",
    "Direction",
    "Enforcement",
    "Evolution",
    "Expectation",
    "Mode",
    "PiiDetection",
    "Policy",
    "PolicyFile",
    "PolicyScope",
    "PolicySet",
    "RuleType",
    "keep_levels",
    "load_policies",
    "merge_policies",
    "parse_mode",
    "read_policies",
]
