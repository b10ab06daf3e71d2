"""Incidents of policies: one for each product and policy, open while the policy is not kept.

Waived violations have no incident. A warning is of low severity, a blocking violation of high.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import Violation
from data_platform.governance.facts import Need
from data_platform.governance.policies import GLOBAL, ActivePolicies
from data_platform.record.catalog import products
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import policies
from data_platform.record.governance.broken_policies import CAUSE
from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import Incident, IncidentCause
from data_platform.spec.product.contract import Contract
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies.evaluate import (
    AT_REST,
    CallerFacts,
    Governed,
    SharedFacts,
    evaluate_contract,
    evaluate_policies,
    load_active_policies,
    load_contract,
)
from data_platform.verbs.results.incidents import WHOLE

_SEVERITY = {"blocking": "high", "warning": "low"}
_DRIFTING = frozenset([Need.TIME, Need.CONSUMERS, Need.AUDIT_TRAIL])
"""What changes without a register or a publish."""

_NONE: Mapping[tuple[str, str], str] = {}
_BATCH = 200
"""Products a transaction: a publish meanwhile waits for a few milliseconds."""


Endings = Mapping[tuple[str, str], str]
"""Why incidents end with a change of the policies, by level (`global`, or a domain) and policy."""


def update_incidents(
    context: Context, tx: Connection, assessed: Iterable[tuple[str, Governed]], endings: Endings = _NONE
) -> IncidentChanges:
    """Makes the open incidents of these products say what was found; what was not judged stays as it is."""
    now, by, done = context.clock(), context.principal.name, IncidentChanges()
    causes: list[IncidentCause] = []
    over: list[Incident] = []
    assessed = [(product, governed) for product, governed in assessed if governed.revision]
    open_incidents = _list_open_incidents(tx, [product for product, _ in assessed])
    for product, governed in assessed:
        difference = _compare(product, governed, open_incidents[product])
        causes += difference.new
        over += difference.over
        for incident, severity in difference.graver:
            done.grown += filter(None, [incidents.raise_severity(tx, incident.id, severity, now, by)])
    done.opened += incidents.open_if_absent(tx, causes, now, by)
    for text, ids in _group_by_ending(tx, over, endings).items():
        done.resolved += incidents.resolve_by_id(tx, ids, now, by, text)
    return done


@dataclass(frozen=True, slots=True)
class _Difference:
    """How the open incidents of a product differ from what was found of it: new causes, ended ones, graver ones."""

    new: Sequence[IncidentCause]
    over: Sequence[Incident]
    graver: Sequence[tuple[Incident, str]]

    def __bool__(self) -> bool:
        return bool(self.new or self.over or self.graver)


def _compare(product: str, governed: Governed, open_by_cause: Mapping[str, Incident]) -> _Difference:
    broken = {
        CAUSE + policy: product_violations
        for policy, product_violations in _group_by_policy(governed.violations).items()
    }
    kept = {CAUSE + policy for policy in governed.unjudged}
    over = [incident for cause, incident in open_by_cause.items() if cause not in broken and cause not in kept]
    severities = {cause: _SEVERITY[those[0].enforcement] for cause, those in broken.items()}
    new = [
        IncidentCause(product, WHOLE, cause, _describe_violations(those), severities[cause])
        for cause, those in broken.items()
        if cause not in open_by_cause
    ]
    graver = [
        (open_by_cause[cause], severity)
        for cause, severity in severities.items()
        if cause in open_by_cause and incidents.is_graver(severity, open_by_cause[cause].severity)
    ]
    return _Difference(new, over, graver)


def _group_by_ending(tx: Connection, over: Sequence[Incident], endings: Endings) -> dict[str, list[int]]:
    """The incidents that are over, by what ended them; a domain's own change comes before the federation's."""
    ids_by_ending = defaultdict[str, list[int]](list)
    for incident in over:
        row = products.find(tx, incident.product) if endings else None
        policy = incident.cause.removeprefix(CAUSE)
        ended = (endings.get((row.domain, policy)) if row else None) or endings.get((GLOBAL, policy))
        ids_by_ending[ended or "the policy is kept, waived, or gone"].append(incident.id)
    return ids_by_ending


def _list_open_incidents(tx: Connection, products: Sequence[str]) -> Mapping[str, dict[str, Incident]]:
    """The open incidents of policies by product and cause, in one query."""
    by_product = defaultdict[str, dict[str, Incident]](dict)
    if products:
        for incident in incidents.list_history(tx, open_only=True, output=WHOLE, among=products):
            if incident.cause.startswith(CAUSE):
                by_product[incident.product][incident.cause] = incident
    return by_product


def evaluate_drifting(context: Context) -> IncidentChanges:
    """Judges every product whose verdict time, readers or the audit log may have changed, and settles incidents.

    Only products whose incidents are to change take part in a transaction: publishes need not wait for the others.
    """
    done = IncidentChanges()
    with context.record.reading() as conn:
        active = load_active_policies(context, conn)
        if not active.revision:
            return done
        shared = SharedFacts.of(conn, active)
        evaluated = [
            (row, outcome)
            for row in products.list_all(conn)
            if (outcome := _evaluate_drifted(context, conn, active, row, shared))
        ]
        open_incidents = _list_open_incidents(conn, [row.name for row, _ in evaluated])
    drifted = [(row, outcome) for row, outcome in evaluated if _compare(row.name, outcome, open_incidents[row.name])]
    for at in range(0, len(drifted), _BATCH):
        with context.record.transaction() as tx:
            changes = update_incidents(context, tx, _filter_unchanged(tx, active, drifted[at : at + _BATCH]))
            record_outcomes(context, tx, *changes.outcomes)
        done.add(changes)
    return done


def _evaluate_drifted(
    context: Context, conn: Connection, active: ActivePolicies, row: ProductRow, shared: SharedFacts
) -> Governed | None:
    """What may have changed its verdict; a contract without columns is enough where no condition is judged."""
    selected = active.of(row.domain, AT_REST)
    if row.name not in shared.waived:
        selected = tuple(policy for policy in selected if policy.needs & _DRIFTING)
    if not selected:
        return None
    bare = not any(policy.policy.rule for policy in selected)
    contract = Contract(row.stored_contract.read_head(), {}) if bare else load_contract(conn, row)
    return evaluate_policies(context, conn, active, contract, CallerFacts(shared=shared), selected)


def evaluate_product(context: Context, tx: Connection, product: str) -> IncidentChanges:
    """Judges one product again, after an exception of it was given or taken away."""
    row = products.find(tx, product)
    if row is None:
        return IncidentChanges()
    contract = load_contract(tx, row)
    governed = evaluate_contract(context, tx, load_active_policies(context, tx), contract, CallerFacts(), AT_REST)
    return update_incidents(context, tx, [(product, governed)])


def _filter_unchanged(
    tx: Connection, active: ActivePolicies, assessed: Sequence[tuple[ProductRow, Governed]]
) -> Iterator[tuple[str, Governed]]:
    """The outcomes of products that were not registered again, as long as no policies were applied meanwhile."""
    if policies.find_revision(tx) != active.revision:
        return
    revisions = products.map_newest_revisions(tx, {row.name for row, _ in assessed})
    for row, governed in assessed:
        if revisions.get(row.name) == row.revision:
            yield row.name, governed


def _group_by_policy(violations: Iterable[Violation]) -> dict[str, list[Violation]]:
    """What is not kept and not waived, by policy; what blocks first."""
    by_policy = defaultdict[str, list[Violation]](list)
    for violation in sorted(violations, key=lambda violation: not violation.blocks):
        if violation.waived_until is None:
            by_policy[violation.policy].append(violation)
    return by_policy


def _describe_violations(violations: Sequence[Violation]) -> str:
    first, more = violations[0], len(violations) - 1
    return f"{first.subject}: {first.reason}" + (f" (and {more} more)" if more else "")
