"""Judges one product by the policies of its domain. It fails closed: what cannot be decided is a violation."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from data_platform.governance.facts import Facts, Missing, Need
from data_platform.governance.language.views import Context
from data_platform.governance.policies.compiled import Compiled, CompiledPolicy
from data_platform.governance.policies.finding import Finding
from data_platform.spec.policies.policy import Enforcement

_BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a condition that was checked should never raise; when it does, it is undecided like a missing fact."""


def judge(compiled: Compiled, facts: Facts, *, without: Collection[Need] = ()) -> tuple[Finding, ...]:
    """Every violation of the policies that bind the product, in the file's order and within a policy the contract's.

    A policy that needs one of `without` is left out: the caller judges it at another moment.
    """
    context = Context(facts)
    left_out = frozenset(without)
    policies = compiled.of_domain(facts.contract.product.domain)
    if left_out:
        policies = tuple(policy for policy in policies if not policy.needs & left_out)
    return tuple(finding for policy in policies for finding in _findings(policy, context))


def judge_policy(compiled: CompiledPolicy, facts: Facts) -> tuple[Finding, ...]:
    """Every violation of one policy, whatever the product's domain."""
    return tuple(_findings(compiled, Context(facts)))


def _findings(compiled: CompiledPolicy, context: Context) -> Iterator[Finding]:
    policy = compiled.policy
    try:
        for found in list(compiled.rule.violations(context)):
            enforcement = Enforcement.WARNING if found.tolerated else policy.enforcement
            yield Finding(policy.name, policy.scope, enforcement, found.subject, found.reason)
    except Missing as missing:
        yield _undecided(compiled, context, str(missing))
    except _BROKEN as error:
        yield _undecided(compiled, context, f"its condition failed ({type(error).__name__}: {error})")


def _undecided(compiled: CompiledPolicy, context: Context, why: str) -> Finding:
    policy, name = compiled.policy, context.facts.contract.product.name
    reason = f"it cannot be decided: {why}"
    return Finding(policy.name, policy.scope, policy.enforcement, name, reason, undecided=True)
