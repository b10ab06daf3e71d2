"""policies check, explain, test: what policies say of a file, of a product, and of the cases written beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import Refused, Violation
from data_platform.governance.facts import Facts, Need, leave_out_inputs
from data_platform.governance.policies import (
    ActivePolicies,
    CompiledPolicies,
    CompiledPolicy,
    compile_policies,
    judge,
    run_case,
)
from data_platform.governance.policies.rules import AttestationRule
from data_platform.record.catalog import outputs, products
from data_platform.record.governance import attestations
from data_platform.spec.policies import Condition, Evolution, Mode, PiiDetection, PolicyFile
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import ProductFile, load_product
from data_platform.spec.text.report import Place
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.effective_contract import build_effective_contract
from data_platform.verbs.core.lookup.resolve import resolve_product, with_major
from data_platform.verbs.core.request import Request
from data_platform.verbs.policies.evaluate import (
    AT_REST,
    CallerFacts,
    evaluate_contract,
    load_active_policies,
    load_contract,
    with_inferred,
)
from data_platform.verbs.policies.schema_evolution import ChangeAssessor
from data_platform.verbs.results import PolicyCheck, PolicyStatus

WITHOUT_A_MESH = frozenset(Need) - {Need.TIME}
"""What is unknown where there is no mesh."""


@dataclass(frozen=True, slots=True)
class CheckPolicies(Request[PolicyCheck]):
    """What the policies that hold would say, if the file were registered; nothing is written."""

    file: ProductFile

    @property
    def product(self) -> str:
        """The name that the file gives the product."""
        return self.file.product.name

    @classmethod
    def of(cls, product: str | Path | ProductFile) -> CheckPolicies:
        """The request for a product.yaml, its folder, or what was loaded of it; raises InvalidSpec."""
        return cls(product if isinstance(product, ProductFile) else load_product(product))


@dataclass(frozen=True, slots=True)
class ExplainPolicies(Request[list[PolicyStatus]]):
    """The status of every policy that binds a product, and why."""

    product: str


@dataclass(frozen=True, slots=True)
class PolicyCaseResult:
    """One case beside a policy, and what is wrong with it; `place` is its position in the file."""

    policy: str
    place: Place
    expected: str
    passed: bool
    message: str


def check_policies(context: Context, request: CheckPolicies) -> PolicyCheck:
    """Every violation, schema-evolution among them; what needs data is judged when there is some."""
    file = request.file
    with context.record.reading() as conn:
        facts, contract = _describe_change(context, conn, file.contract)
        facts = replace(facts, hidden=find_visible_part(context, conn).hidden)
        outcome = evaluate_contract(context, conn, load_active_policies(context, conn), contract, facts, [Need.QUALITY])
    return PolicyCheck(str(file.path), file.product.name, outcome.violations, tuple(sorted(outcome.unjudged)))


def check_file(policies: PolicyFile, file: ProductFile, now: datetime) -> PolicyCheck:
    """Evaluates a policies file on a product.yaml where there is no mesh; raises InvalidSpec for its conditions."""
    compiled = compile_policies(policies.set, policies.origin)
    active = ActivePolicies(0, compiled)
    domain = file.product.domain
    findings = judge(compiled, Facts(file.contract, now), without=WITHOUT_A_MESH)
    violations = tuple(
        Violation(finding.policy, finding.subject, finding.reason, finding.enforcement.value) for finding in findings
    )
    left = {compiled_policy.policy.name for compiled_policy in active.of(domain)} - {
        compiled_policy.policy.name for compiled_policy in active.of(domain, WITHOUT_A_MESH)
    }
    return PolicyCheck(str(file.path), file.product.name, violations, tuple(sorted(left)))


def explain_policies(context: Context, request: ExplainPolicies) -> list[PolicyStatus]:
    """One status for each policy, and one for each subject that violates it; raises NotFound."""
    with context.record.reading() as conn:
        row = resolve_product(conn, request.product)
        active = load_active_policies(context, conn)
        hidden = find_visible_part(context, conn).hidden
        contract = leave_out_inputs(load_contract(conn, row), hidden)
        governed = evaluate_contract(context, conn, active, contract, CallerFacts(hidden=hidden), AT_REST)
        published = any(output_row.version for output_row in outputs.list_by_product(conn, row.name))
        statuses = []
        for policy in active.of(row.domain):
            mine = [violation for violation in governed.violations if violation.policy == policy.policy.name]
            statuses += [_build_violated(policy, violation) for violation in mine] or [
                _build_kept(context, conn, policy, row.name, published)
            ]
        return statuses


def run_cases(file: PolicyFile, now: datetime) -> Iterator[PolicyCaseResult]:
    """Plays the cases of a policies file, in its order; raises InvalidSpec for the file and those it names.

    Of a file that came from elsewhere, cases that name files are left out: whoever sent it played them.
    """
    compiled = compile_policies(file.set, file.origin)
    for policy in file.set:
        compiled_policy = _find_policy(compiled, policy.name, policy.domain)
        for case in policy.cases:
            if not file.is_local and (isinstance(case.product, str) or isinstance(case.previous, str)):
                continue
            product = _load_contract(file, case.product)
            previous = None if case.previous is None else _load_contract(file, case.previous)
            result = run_case(compiled_policy, case, product, previous, now)
            yield PolicyCaseResult(policy.name, case.place, case.expect.value, result.passed, result.message)


def refuse_failing_cases(file: PolicyFile, now: datetime) -> None:
    """Raises Refused where a case of a policies file fails."""
    failing = [case for case in run_cases(file, now) if not case.passed]
    if failing:
        lines = "\n".join(
            f"  {file.origin}:{case.place.line}  {case.policy}, {case.expected}: {case.message}" for case in failing
        )
        hint = f"correct the policies or their cases; data-platform policies test {file.origin} runs them"
        raise Refused(f"cases of the policies fail, and nothing was applied:\n{lines}", hint=hint)


def _describe_change(context: Context, conn: Connection, new: Contract) -> tuple[CallerFacts, Contract]:
    """What is known of the change that registering a contract would be, and the contract with inferred schemas."""
    registered = products.find(conn, new.product.name)
    if registered is None:
        return CallerFacts(None, breaks=lambda rule: ()), new
    rows = [with_major(output_row, registered) for output_row in outputs.list_by_product(conn, registered.name)]
    old = with_inferred(build_effective_contract(conn, registered.contract, rows), rows)
    new = with_inferred(new, rows)
    change = ChangeAssessor(conn, old, new, rows, context.clock())
    return CallerFacts(old, breaks=change.list_breakages), new


def _find_policy(compiled: CompiledPolicies, name: str, domain: str | None) -> CompiledPolicy:
    return next(candidate for candidate in compiled.of_domain(domain or "") if candidate.policy.name == name)


def _load_contract(file: PolicyFile, source: Contract | str) -> Contract:
    return load_product(Path(file.origin).parent / source).contract if isinstance(source, str) else source


def _build_violated(policy: CompiledPolicy, violation: Violation) -> PolicyStatus:
    status = "waived" if violation.waived_until else "violated"
    return _build_status(
        policy, status, violation.reason, violation.waived_until, violation.subject, violation.enforcement
    )


def _build_kept(
    context: Context, conn: Connection, policy: CompiledPolicy, product: str, published: bool
) -> PolicyStatus:
    if policy.needs & AT_REST:
        return _build_status(policy, "kept", f"{_describe_demand(policy)}; it is judged whenever the contract changes")
    if Need.QUALITY in policy.needs and not published:
        return _build_status(policy, "not applicable", "nothing is published yet, and it is judged by the data")
    if isinstance(policy.rule, AttestationRule):
        mine = attestations.list_active(conn, context.clock(), product)
        for attestation in (candidate for candidate in mine if candidate.policy == policy.policy.name):
            return _build_status(
                policy, "attested", f"by {attestation.given_by}: {attestation.evidence}", attestation.expires_at
            )
    return _build_status(policy, "kept", _describe_demand(policy))


def _describe_demand(policy: CompiledPolicy) -> str:
    match policy.policy.rule:
        case Condition(text=text):
            return " ".join(text.split())
        case Evolution(mode=mode):
            return "any change is allowed" if mode is Mode.NONE else f"changes are {mode.value} compatible"
        case PiiDetection() as detection:
            return f"personal data that a publish finds and nobody declared: {detection.value}"
        case None:
            return policy.policy.description or "the built-in rule of its name"


def _build_status(
    policy: CompiledPolicy,
    status: str,
    reason: str,
    until: datetime | None = None,
    subject: str | None = None,
    enforcement: str | None = None,
) -> PolicyStatus:
    declared = policy.policy
    needs = tuple(sorted(need.value for need in policy.needs))
    level, enforced = declared.scope.value, enforcement or declared.enforcement.value
    return PolicyStatus(declared.name, level, enforced, status, subject, reason, until, needs)
