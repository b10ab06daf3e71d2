"""policies: what a policies file would change for every product, its activation, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import ContractMoved, NotFound, Refused, Violation
from data_platform.governance.facts import leave_out_inputs
from data_platform.governance.policies import GLOBAL, ActivePolicies, compile_policies, list_policy_changes, load
from data_platform.record.catalog import products
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import policies
from data_platform.record.governance.policies import PolicyRevision
from data_platform.record.operations.event_kinds import EventKind
from data_platform.spec.policies import PiiDetection, PolicyFile, PolicySet, keep_levels, merge_policies, read_policies
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.events.outcomes import POLICIES, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies import violations as policy_incidents
from data_platform.verbs.policies.check import refuse_failing_cases
from data_platform.verbs.policies.detection_effects import list_detections
from data_platform.verbs.policies.evaluate import (
    AT_REST,
    CallerFacts,
    Governed,
    SharedFacts,
    evaluate_contract,
    load_active_policies,
    load_contract,
)
from data_platform.verbs.results import Affected, Applied, ChangedPolicy, PolicyFileInfo, PolicyRevisionInfo, WhatIf

_TRIES = 3


@dataclass(frozen=True, slots=True)
class WhatIfPolicies(Request[WhatIf]):
    """What a policies file would change, if it were applied; nothing is written. `domain`: it may hold no other."""

    file: PolicyFile
    domain: str | None = None

    @classmethod
    def of(cls, file: str | Path | PolicyFile, domain: str | None = None) -> WhatIfPolicies:
        """The request for a policies file, or what was loaded of it; raises InvalidSpec."""
        return cls(file if isinstance(file, PolicyFile) else load(file), domain)


@dataclass(frozen=True, slots=True)
class ApplyPolicies(Request[Applied]):
    """Replace the levels that a policies file holds; `note` says why. What says the same changes nothing.

    `after` is the revision against which the approved what-if was computed. A file for `domain` may hold no
    other level. Removing or weakening a blocking policy wants `allow_weakening`.
    """

    file: PolicyFile
    note: str | None = None
    after: int | None = None
    domain: str | None = None
    allow_weakening: bool = False

    @classmethod
    def of(
        cls,
        file: str | Path | PolicyFile,
        note: str | None = None,
        after: int | None = None,
        domain: str | None = None,
        allow_weakening: bool = False,
    ) -> ApplyPolicies:
        """The request for a policies file, or what was loaded of it; raises InvalidSpec."""
        return cls(file if isinstance(file, PolicyFile) else load(file), note, after, domain, allow_weakening)


@dataclass(frozen=True, slots=True)
class ShowPolicies(Request[PolicyFileInfo]):
    """The active policies, or those of a revision, as they were written."""

    revision: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyHistory(Request[list[PolicyRevisionInfo]]):
    """Every revision, newest first."""


@dataclass(frozen=True, slots=True)
class _AssessedProduct:
    """The outcomes of a product under the active and the new policies.

    `detected_before` and `detected_after` are what `pii_detection` is known to find in the next publish.
    """

    row: ProductRow
    before: Governed
    after: Governed
    detected_before: list[Violation]
    detected_after: list[Violation]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The new policies, the outcomes of every product, and the what-if report.

    `text` is None where nothing would change.
    """

    text: str | None
    new: ActivePolicies
    assessed: list[_AssessedProduct]
    what_if: WhatIf


def what_if_policies(context: Context, request: WhatIfPolicies) -> WhatIf:
    """Which policies the file would change, and which products it would newly block, warn and free.

    Raises InvalidSpec for what the file says wrong, BadInput for levels that it may not hold.
    """
    return _plan_levels(context, request.file, request.domain).what_if


def apply_policies(context: Context, request: ApplyPolicies) -> Applied:
    """Judges every product, then replaces the file's levels and settles incidents, in one transaction.

    Raises InvalidSpec for what the file says wrong, ContractMoved when other policies were applied meanwhile, and
    Refused where a case of the file fails, and where it removes or weakens a blocking policy without `allow_weakening`.
    """
    refuse_failing_cases(request.file, context.clock())
    plan = _plan_levels(context, request.file, request.domain)
    revision = plan.what_if.revision
    if request.after is not None and request.after != revision:
        what = f"other policies were applied just now: revision {revision} holds, not {request.after}"
        raise ContractMoved(what, hint="look at what they mean, then apply again")
    if plan.text is None:
        return Applied(revision, False, plan.what_if, 0, 0)
    if not request.allow_weakening:
        _refuse_weakening(plan.what_if.changes)
    settled = _apply_plan(context, request, plan)
    context.mesh.active_policies = plan.new
    return Applied(plan.new.revision, True, plan.what_if, len(settled.opened), len(settled.resolved))


def _refuse_weakening(changes: Sequence[ChangedPolicy]) -> None:
    weaker = [change for change in changes if change.weakens]
    if weaker:
        lines = "\n".join(f"  {change}" for change in weaker)
        hint = "to confirm, apply it with --allow-weakening (allow_weakening=True)"
        raise Refused(f"this removes or weakens policies that block:\n{lines}", hint=hint)


class _Registered(Refused):
    """A product was registered while the policies were put in force: it was judged by those before."""


def _apply_plan(context: Context, request: ApplyPolicies, plan: _Plan) -> IncidentChanges:
    """Activates the file; retries where a product was registered meanwhile."""
    for _ in range(_TRIES):
        with suppress(_Registered), authorized_transaction(context) as tx:
            return _record_plan(context, tx, request, plan)
    with authorized_transaction(context) as tx:
        return _record_plan(context, tx, request, plan)


def _record_plan(context: Context, tx: Connection, request: ApplyPolicies, plan: _Plan) -> IncidentChanges:
    """The file, its incidents and its entry in the audit log, which has one writer at a time.

    Later registrations see the new policies; raises _Registered where one came just before.
    """
    text, changes = plan.text or "", plan.what_if.changes
    row = _build_revision(context, request, text, plan.new.revision)
    policies.add(tx, row)
    revisions = products.map_newest_revisions(tx)
    settled = policy_incidents.update_incidents(
        context, tx, _assess_registered(context, tx, plan.new, plan.assessed), _describe_endings(changes)
    )
    details = {
        "revision": row.revision,
        "file": row.file,
        "note": row.note,
        "policies": _count(plan.new.compiled.set),
        "weakened": [str(change) for change in changes if change.weakens] or None,
        "sha256": sha256(text.encode()).hexdigest(),
    }
    record_outcomes(context, tx, ActOutcome(EventKind.POLICIES_APPLIED, POLICIES, details), *settled.outcomes)
    if products.map_newest_revisions(tx) != revisions:
        raise _Registered("products were registered while the policies were applied", hint="apply them again")
    return settled


def show_policies(context: Context, request: ShowPolicies) -> PolicyFileInfo:
    """The file as it was applied; raises NotFound."""
    with context.record.reading() as conn:
        wanted = request.revision
        row = policies.find_current(conn) if wanted is None else policies.find(conn, wanted)
        newest, part = policies.find_revision(conn), find_visible_part(context, conn)
    if row is None and newest == 0:
        raise NotFound("no policies were applied yet", hint="data-platform policies apply FILE")
    if row is None:
        raise NotFound(f"there is no revision {wanted} of the policies", hint=f"the newest is {newest}")
    text = row.text if part.domains is None else keep_levels(row.text, part.domains)
    return PolicyFileInfo(_build_info(row), text, _count(read_policies(text, row.file, recorded=True).set))


def policy_history(context: Context, request: PolicyHistory) -> list[PolicyRevisionInfo]:
    """Who applied what when, and why."""
    with context.record.reading() as conn:
        return [_build_info(row) for row in policies.list_history(conn)]


def _plan_levels(context: Context, file: PolicyFile, domain: str | None) -> _Plan:
    with context.record.reading() as conn:
        active, row = load_active_policies(context, conn), policies.find_current(conn)
        before = read_policies(row.text, row.file, recorded=True) if row else None
        merged = merge_policies(before, file, domain)
        changes = list_policy_changes(active.compiled.set, merged.set)
        new = ActivePolicies(active.revision + 1, compile_policies(merged.set, file.origin))
        assessed = _assess_products(context, conn, active, new)
        part = find_visible_part(context, conn)
        names = ReaderNames(context, conn)
        is_whole = names.oversees_all and not part.hidden
        seen = assessed if is_whole else _assess_products(context, conn, active, new, part.hidden, names)
        visible = part.select(seen, lambda product: product.row.name)
    changed = tuple(
        ChangedPolicy(change.level, change.policy, change.kind.value, change.what, change.weakens) for change in changes
    )
    text = None if before is not None and merged.text == before.text else merged.text
    what_if = _build_what_if(file, active, visible, changed)
    text_only, unjudged = text is not None and not changed, _list_unjudged(new, changed)
    return _Plan(text, new, assessed, replace(what_if, text_only=text_only, unjudged=unjudged))


def _describe_endings(changes: Sequence[ChangedPolicy]) -> dict[tuple[str, str], str]:
    """What ends the incidents of a policy that is kept only because it says something else now, by level and name."""
    return {(change.level, change.policy): f"policy {change.change}" for change in changes}


def _assess_products(
    context: Context,
    conn: Connection,
    active: ActivePolicies,
    new: ActivePolicies,
    hidden: frozenset[str] = frozenset(),
    names: ReaderNames | None = None,
) -> list[_AssessedProduct]:
    """The outcomes of every product, as if those that are hidden neither fed nor read another."""
    assessed = []
    before, after = (
        CallerFacts(shared=SharedFacts.of(conn, which), hidden=hidden, names=names) for which in (active, new)
    )
    for row in products.list_all(conn):
        contract = leave_out_inputs(load_contract(conn, row), hidden)
        was = evaluate_contract(context, conn, active, contract, before, AT_REST)
        becomes = evaluate_contract(context, conn, new, contract, after, AT_REST)
        detected = [list_detections(conn, policies, contract) for policies in (active, new)]
        assessed.append(_AssessedProduct(row, was, becomes, *detected))
    return assessed


def _assess_registered(
    context: Context, tx: Connection, new: ActivePolicies, assessed: list[_AssessedProduct]
) -> list[tuple[str, Governed]]:
    """The outcomes; a product that was registered meanwhile is evaluated as it is now."""
    outcomes = {(product.row.name, product.row.revision): product.after for product in assessed}
    return [
        (
            row.name,
            outcomes.get((row.name, row.revision))
            or evaluate_contract(context, tx, new, load_contract(tx, row), CallerFacts(), AT_REST),
        )
        for row in products.list_all(tx)
    ]


def _build_what_if(
    file: PolicyFile, active: ActivePolicies, assessed: list[_AssessedProduct], changes: tuple[ChangedPolicy, ...]
) -> WhatIf:
    blocked, warned, freed = [], [], []
    for product in assessed:
        was = [*product.before.violations, *product.detected_before]
        becomes = [*product.after.violations, *product.detected_after]
        before, after = _select_blocking(was), _select_blocking(becomes)
        if after and not before:
            blocked.append(_build_affected(product.row, after))
        elif before and not after:
            freed.append(_build_affected(product.row, before))
        elif new := [it for it in becomes if not it.blocks and it not in was]:
            warned.append(_build_affected(product.row, new))
    doubts = tuple(map(str, file.warnings))
    return WhatIf(
        _name(file), active.revision, len(assessed), tuple(blocked), tuple(warned), tuple(freed), doubts, changes
    )


def _select_blocking(violations: Sequence[Violation]) -> list[Violation]:
    return [violation for violation in violations if violation.blocks]


def _list_unjudged(new: ActivePolicies, changes: Sequence[ChangedPolicy]) -> tuple[str, ...]:
    """The names of the changed policies that are judged by a change of a contract, or by the values of a publish."""
    domains = {change.policy: None if change.level == GLOBAL else change.level for change in changes}
    bound = ((name, new.compiled.policy(name, domain)) for name, domain in domains.items())
    return tuple(
        name
        for name, policy in bound
        if policy is not None and (policy.needs & AT_REST or isinstance(policy.policy.rule, PiiDetection))
    )


def _build_affected(row: ProductRow, violations: list[Violation]) -> Affected:
    return Affected(row.name, row.domain, row.owner, tuple(violations))


def _build_revision(context: Context, request: ApplyPolicies, text: str, revision: int) -> PolicyRevision:
    return PolicyRevision(revision, text, _name(request.file), request.note, context.clock(), context.principal.name)


def _name(file: PolicyFile) -> str:
    """The file's name, without its folders."""
    return Path(file.origin).name


def _count(policies: PolicySet) -> int:
    return sum(1 for _ in policies)


def _build_info(row: PolicyRevision) -> PolicyRevisionInfo:
    return PolicyRevisionInfo(row.revision, row.applied_at, row.applied_by, row.file, row.note)
