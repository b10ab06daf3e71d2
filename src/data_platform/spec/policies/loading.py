"""Loads a policies file, and reports all its problems at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from data_platform.errors import Problem
from data_platform.spec.file_kinds import POLICIES, refuse_other_fields, refuse_other_name
from data_platform.spec.policies.policy import Enforcement, Policy, PolicySet
from data_platform.spec.policies.reading import Placed, Source, read_policy
from data_platform.spec.policies.vocabulary import FILE, MOST_DOMAINS, MOST_POLICIES, find_no_home
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import describe_node
from data_platform.spec.text.file import check_text, read_text
from data_platform.spec.text.names import name_problem, quote_text
from data_platform.spec.text.paths import to_path
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml import tree
from data_platform.spec.text.yaml.tree import Node, parse_yaml


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """Policies as their file declares them: doubts in `warnings`, the file's `text` as the record keeps it.

    `origin` names the file in problems. `levels` are those that it contains, even if they are empty:
    None is the global one, the others are domains. `is_local` says whether the paths of its cases are those of this
    process's files; of a text that came from elsewhere nothing is opened. It is not part of what the file says.
    """

    origin: str
    text: str
    set: PolicySet
    warnings: tuple[Problem, ...] = ()
    levels: tuple[str | None, ...] = ()
    is_local: bool = field(default=True, compare=False)


Check = Callable[[PolicySet, Report], None]
"""Reports what is wrong with policies whose form is right, such as their conditions."""


def load_policies(path: str | Path, check: Check | None = None) -> PolicyFile:
    """The policies in a file; InvalidSpec has every problem of their form, and those that `check` finds beside it.

    Raises StorageFailed when the disk says no.
    """
    report = Report(str(path))
    path = to_path(path, "the policies file")
    refuse_other_name(path, report, POLICIES)
    return _read(read_text(path, report), report, check)


def read_policies(text: str, origin: str, *, recorded: bool = False) -> PolicyFile:
    """The policies that a text declares; InvalidSpec has every problem.

    The levels of a `recorded` text come from different files: there the federation's enforcement binds a domain that
    says less, which is only a doubt.
    """
    return _read(text, Report(origin), recorded=recorded)


def parse_policies(text: str, origin: str) -> PolicyFile:
    """The policies of a text that was read elsewhere, judged as a file is; raises InvalidSpec with every problem."""
    report = Report(origin)
    return replace(_read(check_text(text, report), report), is_local=False)


def _read(text: str, report: Report, check: Check | None = None, *, recorded: bool = False) -> PolicyFile:
    empty = "write `policies:`, and below it `- name: …` for each"
    root = parse_yaml(text, report, needs=empty)
    if not isinstance(root, tree.Mapping):
        report.fail(root.place, f"a policies file must be a mapping of fields, not {describe_node(root)}", empty)
    refuse_other_fields(root, report, POLICIES)
    fields = Fields(report, root, FILE, "the file", homes=find_no_home)
    source = Source(text, report)
    shared = _read_policies(source, fields.read_items("policies", "[{name: NAME, rule: …}]", MOST_POLICIES), None)
    domains = _read_domains(source, fields)
    for domain, own in domains.items():
        for placed in own:
            judge_level(
                report,
                domain,
                placed.policy,
                [entry.policy for entry in shared],
                placed,
                recorded=recorded,
            )
    domain_policies = {domain: tuple(placed.policy for placed in own) for domain, own in domains.items()}
    policies = PolicySet(tuple(placed.policy for placed in shared), domain_policies)
    if check is not None:
        check(policies, report)
        report.problems.sort(key=lambda problem: (problem.line, problem.column))
    report.close()
    levels = (*([None] if fields.find_node("policies") is not None else []), *domain_policies)
    return PolicyFile(report.file, text, policies, tuple(report.warnings), levels)


def _read_domains(source: Source, fields: Fields) -> dict[str, list[Placed]]:
    node = fields.read_mapping("domain_policies")
    placed_by_domain: dict[str, list[Placed]] = {}
    for key, value in node.entries[:MOST_DOMAINS] if node else ():
        problem = name_problem(key.text)
        if problem:
            source.report.error(key.place, f"the domain {quote_text(key.text)} {problem}")
        elif not isinstance(value, tree.Sequence):
            message = f"the policies of {key.text} must be a list, not {describe_node(value)}"
            source.report.error(value.place, message, "begin each with `- name: …`")
        else:
            placed_by_domain[key.text] = _read_policies(source, value.items[:MOST_POLICIES], key.text)
    return placed_by_domain


def _read_policies(source: Source, nodes: Sequence[Node], domain: str | None) -> list[Placed]:
    read = (read_policy(source, node, domain) for node in nodes)
    placed_by_name: dict[str, Placed] = {}
    for placed in read:
        if placed is None or not placed.policy.name:
            continue
        policy = placed.policy
        if policy.name in placed_by_name:
            line = placed_by_name[policy.name].policy.place.line
            message = f"the policy {policy.name} appears twice, first in line {line}"
            source.report.error(policy.place, message, "give each policy a name of its own")
        placed_by_name.setdefault(policy.name, placed)
    return list(placed_by_name.values())


def judge_level(
    report: Report,
    domain: str,
    policy: Policy,
    shared: Sequence[Policy],
    placed: Placed | None = None,
    *,
    recorded: bool = False,
) -> None:
    """A domain adds policies, and raises warnings of global ones; it loosens nothing.

    `recorded` says that the domain's policy was there before: the federation's enforcement binds it, without a fault.
    """
    above = next((other for other in shared if other.name == policy.name), None)
    if above is None:
        return
    where = f"the global policy {policy.name}" + (f" in line {above.place.line}" if placed else "")
    here = above.place if recorded else policy.place
    if _is_looser(policy, above):
        message = f"{domain} cannot loosen {where} from blocking to warning"
        say = report.warn if recorded else report.error
        hint = "remove it: a domain may only add policies, or raise a warning"
        say(placed.enforcement if placed else here, message, hint)
    if policy.rule is not None and policy.rule != above.rule:
        message = f"{domain} cannot change the rule of {where}"
        hint = "give yours a name of its own, and both hold; or leave out the rule"
        report.error(placed.rule if placed else here, message, hint)


def _is_looser(policy: Policy, above: Policy) -> bool:
    return (above.enforcement, policy.enforcement) == (Enforcement.BLOCKING, Enforcement.WARNING)
