"""Plays the cases beside a policy: does it say of each product what its author expects?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_platform.governance.facts import Facts
from data_platform.governance.policies.compiled import CompiledPolicy
from data_platform.governance.policies.finding import Finding
from data_platform.governance.policies.judging import judge_policy
from data_platform.spec.policies.cases import Case, Expectation
from data_platform.spec.product.contract import Contract


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Whether a case came out as expected, what the policy found, and, when it did not, what was expected instead."""

    passed: bool
    findings: tuple[Finding, ...]
    message: str = ""


def play(policy: CompiledPolicy, case: Case, product: Contract, previous: Contract | None, now: datetime) -> CaseResult:
    """Plays one case over its products, which the caller has loaded where the case names files.

    Nothing but the two contracts is known: what needs more is undecided, which is a violation.
    """
    found = judge_policy(policy, Facts(product, now, previous))
    if case.expect is Expectation.PASS:
        return CaseResult(not found, found, "; ".join(f"{f.subject}: {f.reason}" for f in found))
    if not found:
        return CaseResult(False, found, "a violation was expected, and there is none")
    fits = [f for f in found if case.subject in (None, f.subject) and (case.reason or "") in f.reason]
    return CaseResult(bool(fits), found, "" if fits else _otherwise(case, found))


def _otherwise(case: Case, found: tuple[Finding, ...]) -> str:
    wanted = " ".join(filter(None, (case.subject and f"of {case.subject}", case.reason and f'with "{case.reason}"')))
    return f"a violation {wanted} was expected, and there is {'; '.join(f'{f.subject}: {f.reason}' for f in found)}"
