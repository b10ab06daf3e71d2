"""Compiles policies: every condition is checked and compiled once, and all problems are reported together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data_platform.errors import Problem
from data_platform.governance.facts import Need
from data_platform.governance.policies.rules import (
    ConditionRule,
    DetectionRule,
    EvolutionRule,
    PolicyRule,
    get_default_rule,
)
from data_platform.governance.policy_language.program import compile_program
from data_platform.spec.policies import PolicyFile, load_policies
from data_platform.spec.policies.policy import Condition, Evolution, PiiDetection, Policy, PolicySet
from data_platform.spec.text.report import Report


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy and its rule."""

    policy: Policy
    rule: PolicyRule

    @property
    def needs(self) -> frozenset[Need]:
        """The facts it is judged by, besides the contract; with TIME, a verdict may change over time."""
        return self.rule.needs


@dataclass(frozen=True, slots=True)
class CompiledPolicies:
    """A compiled policy set; `warnings` are doubts about conditions, which refuse nothing."""

    set: PolicySet
    domains: Mapping[str, tuple[CompiledPolicy, ...]]
    others: tuple[CompiledPolicy, ...]
    warnings: tuple[Problem, ...] = ()

    def of_domain(self, domain: str) -> tuple[CompiledPolicy, ...]:
        """What the products of a domain must keep, in the file's order, the federation's policies first."""
        return self.domains.get(domain, self.others)

    def policy(self, name: str, domain: str | None = None) -> CompiledPolicy | None:
        """The global policy of that name, or a domain's as it holds there; None when there is none."""
        policies = self.others if domain is None else self.of_domain(domain)
        return next((compiled for compiled in policies if compiled.policy.name == name), None)

    @property
    def needs(self) -> frozenset[Need]:
        """What any of the policies is judged by."""
        policies = (policy for group in (self.others, *self.domains.values()) for policy in group)
        return frozenset(need for policy in policies for need in policy.needs)


def load(path: str | Path) -> PolicyFile:
    """The policies in a file; InvalidSpec has every problem of their form and of their conditions, by line.

    Raises StorageFailed when the file cannot be read.
    """
    return load_policies(path, _check)


def _check(policies: PolicySet, report: Report) -> None:
    for policy in policies:
        _compile_rule(policy, report)


def compile_policies(policies: PolicySet, origin: str = "policies.yaml") -> CompiledPolicies:
    """The compiled policies; `origin` names their file in problems.

    Raises InvalidSpec with every problem of every condition: file, line and column, and what to write instead.
    """
    report = Report(origin)
    rules = {(policy.domain, policy.name): _compile_rule(policy, report) for policy in policies}
    report.close()
    shared = {policy.name: rules[None, policy.name] for policy in policies.policies}

    def bind_rule(policy: Policy) -> CompiledPolicy:
        return CompiledPolicy(policy, shared.get(policy.name) or rules[policy.domain, policy.name])

    domains = {name: tuple(map(bind_rule, policies.resolve_domain(name))) for name in policies.domain_policies}
    return CompiledPolicies(policies, domains, tuple(map(bind_rule, policies.policies)), tuple(report.warnings))


def _compile_rule(policy: Policy, report: Report) -> PolicyRule:
    match policy.rule:
        case Condition() as condition:
            return _compile_condition(condition, policy, report)
        case Evolution() as evolution:
            return EvolutionRule(evolution)
        case PiiDetection():
            return DetectionRule()
        case None:
            return get_default_rule(policy.name)


def _compile_condition(condition: Condition, policy: Policy, report: Report) -> PolicyRule:
    made, problems = compile_program(condition.text)
    for problem in problems:
        report.error(condition.passage.locate(problem.at), f"{policy.name}: {problem.message}", problem.hint)
    if made is None:
        return get_default_rule(policy.name)  # a placeholder: the report refuses the set
    for doubt in made.warnings:
        report.warn(condition.passage.locate(doubt.at), f"{policy.name}: {doubt.message}", doubt.hint)
    return ConditionRule(made)
