"""Runs the test cases of a policy: is each product judged as the author expects?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_platform.governance.facts import Facts
from data_platform.governance.policies.compiled import CompiledPolicy
from data_platform.governance.policies.finding import PolicyFinding
from data_platform.governance.policies.judging import judge_policy
from data_platform.spec.policies.cases import Case, Expectation
from data_platform.spec.product.contract import Contract


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Whether a case came out as expected, what the policy found, and, when it did not, what was expected instead."""

    passed: bool
    findings: tuple[PolicyFinding, ...]
    message: str = ""


def run_case(
    policy: CompiledPolicy, case: Case, product: Contract, previous: Contract | None, now: datetime
) -> CaseResult:
    """Runs one case over its products, which the caller has loaded where the case names files.

    Nothing but the two contracts is known: what needs more is undecided, which is a violation.
    """
    findings = judge_policy(policy, Facts(product, now, previous))
    if case.expect is Expectation.PASS:
        return CaseResult(not findings, findings, "; ".join(f"{f.subject}: {f.reason}" for f in findings))
    if not findings:
        return CaseResult(False, findings, "a violation was expected, and there is none")
    fits = [f for f in findings if case.subject in (None, f.subject) and (case.reason or "") in f.reason]
    return CaseResult(bool(fits), findings, "" if fits else _describe_mismatch(case, findings))


def _describe_mismatch(case: Case, findings: tuple[PolicyFinding, ...]) -> str:
    wanted = " ".join(filter(None, (case.subject and f"of {case.subject}", case.reason and f'with "{case.reason}"')))
    return f"a violation {wanted} was expected, and there is {'; '.join(f'{f.subject}: {f.reason}' for f in findings)}"
