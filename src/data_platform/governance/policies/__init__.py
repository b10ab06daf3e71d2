"""Policies as code: compiled once, then judged over the facts of any number of products."""

from data_platform.governance.facts import (
    UNKNOWN,
    AttestationFact,
    AuditTrail,
    Breakage,
    Consumer,
    Facts,
    Need,
    QualityFact,
    Unknown,
)
from data_platform.governance.policies.active import NO_POLICIES, ActivePolicies
from data_platform.governance.policies.changed import GLOBAL, PolicyChange, list_policy_changes
from data_platform.governance.policies.compiled import CompiledPolicies, CompiledPolicy, compile_policies, load
from data_platform.governance.policies.finding import PolicyFinding
from data_platform.governance.policies.judging import judge, judge_policy
from data_platform.governance.policies.rules import BUILT_IN
from data_platform.governance.policies.testing import CaseResult, run_case

__all__ = [
    "BUILT_IN",
    "GLOBAL",
    "NO_POLICIES",
    "UNKNOWN",
    "ActivePolicies",
    "AttestationFact",
    "AuditTrail",
    "Breakage",
    "CaseResult",
    "CompiledPolicies",
    "CompiledPolicy",
    "Consumer",
    "Facts",
    "Need",
    "PolicyChange",
    "PolicyFinding",
    "QualityFact",
    "Unknown",
    "compile_policies",
    "judge",
    "judge_policy",
    "list_policy_changes",
    "load",
    "run_case",
]
