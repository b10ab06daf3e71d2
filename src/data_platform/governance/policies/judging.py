"""Judges one product by the policies of its domain. It fails closed: what cannot be decided is a violation."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from data_platform.governance.facts import Facts, Missing, Need
from data_platform.governance.policies.compiled import CompiledPolicies, CompiledPolicy
from data_platform.governance.policies.finding import PolicyFinding
from data_platform.governance.policy_language.views import EvaluationContext
from data_platform.spec.policies.policy import Enforcement

_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""Errors that a checked condition should never raise; the condition is then undecided, as with a missing fact."""


def judge(compiled: CompiledPolicies, facts: Facts, *, without: Collection[Need] = ()) -> tuple[PolicyFinding, ...]:
    """Every violation of the policies that bind the product, in the file's order and within a policy the contract's.

    A policy that needs one of `without` is left out: the caller judges it at another moment.
    """
    context = EvaluationContext(facts)
    left_out = frozenset(without)
    policies = compiled.of_domain(facts.contract.product.domain)
    if left_out:
        policies = tuple(policy for policy in policies if not policy.needs & left_out)
    return tuple(finding for policy in policies for finding in _judge_in_context(policy, context))


def judge_policy(compiled: CompiledPolicy, facts: Facts) -> tuple[PolicyFinding, ...]:
    """Every violation of one policy, whatever the product's domain."""
    return tuple(_judge_in_context(compiled, EvaluationContext(facts)))


def _judge_in_context(compiled: CompiledPolicy, context: EvaluationContext) -> Iterator[PolicyFinding]:
    policy = compiled.policy
    try:
        for violation in list(compiled.rule.find_violations(context)):
            enforcement = Enforcement.WARNING if violation.tolerated else policy.enforcement
            yield PolicyFinding(policy.name, policy.scope, enforcement, violation.subject, violation.reason)
    except Missing as missing:
        yield _report_undecided(compiled, context, str(missing))
    except _BROKEN as error:
        yield _report_undecided(compiled, context, f"its condition failed ({type(error).__name__}: {error})")


def _report_undecided(compiled: CompiledPolicy, context: EvaluationContext, why: str) -> PolicyFinding:
    policy, name = compiled.policy, context.facts.contract.product.name
    reason = f"it cannot be decided: {why}"
    return PolicyFinding(policy.name, policy.scope, policy.enforcement, name, reason, undecided=True)
