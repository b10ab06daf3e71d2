"""Policies made ready to judge: every condition checked and compiled once, every problem told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data_platform.errors import Problem
from data_platform.governance.facts import Need
from data_platform.governance.language.program import program
from data_platform.governance.policies.rules import ConditionRule, EvolutionRule, Rule, rule_without_text
from data_platform.spec.policies import PolicyFile, load_policies
from data_platform.spec.policies.policy import Condition, Evolution, Policy, PolicySet
from data_platform.spec.text.report import Report


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy and its rule."""

    policy: Policy
    rule: Rule

    @property
    def needs(self) -> frozenset[Need]:
        """The facts beyond the contract that it is judged by; with TIME in it, a verdict may change by itself."""
        return self.rule.needs


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy set made ready; `warnings` are doubts about conditions, which refuse nothing."""

    set: PolicySet
    domains: Mapping[str, tuple[CompiledPolicy, ...]]
    others: tuple[CompiledPolicy, ...]
    warnings: tuple[Problem, ...] = ()

    def of_domain(self, domain: str) -> tuple[CompiledPolicy, ...]:
        """What the products of a domain must keep, in the file's order, the federation's policies first."""
        return self.domains.get(domain, self.others)

    def policy(self, name: str, domain: str | None = None) -> CompiledPolicy | None:
        """The global policy of that name, or a domain's as it holds there; None when there is none."""
        known = self.others if domain is None else self.of_domain(domain)
        return next((each for each in known if each.policy.name == name), None)

    @property
    def needs(self) -> frozenset[Need]:
        """What any of the policies is judged by."""
        policies = (policy for known in (self.others, *self.domains.values()) for policy in known)
        return frozenset(need for policy in policies for need in policy.needs)


def load(path: str | Path) -> PolicyFile:
    """The policies in a file; InvalidSpec has every problem of their form and of their conditions, by line.

    Raises StorageFailed when the disk says no.
    """
    return load_policies(path, _check)


def _check(policies: PolicySet, report: Report) -> None:
    for policy in policies:
        _rule(policy, report)


def compile_policies(policies: PolicySet, origin: str = "policies.yaml") -> Compiled:
    """The policies ready to judge; `origin` names their file in problems.

    Raises InvalidSpec with every problem of every condition: file, line and column, and what to write instead.
    """
    report = Report(origin)
    rules = {(policy.domain, policy.name): _rule(policy, report) for policy in policies}
    report.close()
    shared = {policy.name: rules[None, policy.name] for policy in policies.policies}

    def compiled(policy: Policy) -> CompiledPolicy:
        return CompiledPolicy(policy, shared.get(policy.name) or rules[policy.domain, policy.name])

    domains = {name: tuple(map(compiled, policies.of_domain(name))) for name in policies.domain_policies}
    return Compiled(policies, domains, tuple(map(compiled, policies.policies)), tuple(report.warnings))


def _rule(policy: Policy, report: Report) -> Rule:
    match policy.rule:
        case Condition() as condition:
            return _condition(condition, policy, report)
        case Evolution() as evolution:
            return EvolutionRule(evolution)
        case None:
            return rule_without_text(policy.name)


def _condition(condition: Condition, policy: Policy, report: Report) -> Rule:
    made, problems = program(condition.text)
    for problem in problems:
        report.error(condition.passage.place(problem.at), f"{policy.name}: {problem.message}", problem.hint)
    if made is None:
        return rule_without_text(policy.name)  # stands in: the report refuses the set
    for doubt in made.warnings:
        report.warn(condition.passage.place(doubt.at), f"{policy.name}: {doubt.message}", doubt.hint)
    return ConditionRule(made)
