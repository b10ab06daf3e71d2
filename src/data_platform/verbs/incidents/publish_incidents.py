"""Updates incidents after a publish: a refusal or a rule in error opens one; the next good publish resolves them.

Broken SLAs open incidents in `verbs/operations/maintenance`. The severity follows the number of
readers (`quality/severity`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.quality.sla import is_fresh
from data_platform.quality.verdict import DataQualityError, Verdict
from data_platform.record.catalog import products
from data_platform.record.operations import incidents
from data_platform.record.operations.incidents import IncidentCause
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.events.outcomes import describe_contract_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.incidents.blast_radius import find_severity
from data_platform.verbs.incidents.causes import CONTRACT_REFUSED, FRESHNESS_BROKEN, PUBLISH_REFUSED, RULE_IN_ERROR


def open_refusal_incidents(context: Context, tx: Connection, target: Target, refusal: Refused) -> IncidentChanges:
    """Opens the incident of a refused publish, or counts it up, and one for each rule in error."""
    product, output = target.product.name, target.name
    causes = {PUBLISH_REFUSED: refusal.summary}
    if isinstance(refusal, DataQualityError):
        causes |= _collect_rule_errors(refusal.verdict)
    return _open_incidents(context, tx, product, output, causes)


def open_contract_incident(context: Context, product: str, output: str, refusal: Refused) -> None:
    """Opens the incident of a publish whose changed product.yaml could not be registered, or counts it up."""
    with context.record.transaction() as tx:
        causes = {CONTRACT_REFUSED: refusal.summary} if products.find(tx, product) is not None else {}
        changes = _open_incidents(context, tx, product, output, causes)
        record_outcomes(context, tx, describe_contract_refusal(product, refusal), *changes.outcomes)


def update_after_publish(
    context: Context, tx: Connection, target: Target, verdict: Verdict, statistics: Mapping[str, Any], *, has_open: bool
) -> IncidentChanges:
    """Resolves the incidents that a good publish ends, and opens one for each rule in error.

    `has_open` says whether an incident of the output was open before.
    """
    product, output, now = target.product.name, target.name, context.clock()
    in_error = _collect_rule_errors(verdict)
    changes = _open_incidents(context, tx, product, output, in_error)
    if not has_open:
        return changes
    over = {PUBLISH_REFUSED, CONTRACT_REFUSED}
    if is_fresh(target.output.sla, now, statistics, now):
        over.add(FRESHNESS_BROKEN)
    open_causes = {incident.cause for incident in incidents.list_history(tx, product, open_only=True, output=output)}
    ending = {
        cause for cause in open_causes if cause in over or (cause.startswith(RULE_IN_ERROR) and cause not in in_error)
    }
    if ending:
        changes.resolved += incidents.resolve(
            tx, product, output, ending, now, context.principal.name, "a good publish"
        )
    return changes


def _collect_rule_errors(verdict: Verdict) -> dict[str, str]:
    """The product's own rules in error; nobody opens incidents of a product by what they expect of it."""
    return {
        RULE_IN_ERROR + result.rule.name: result.error
        for result in verdict.results
        if result.error is not None and result.rule.expected_by is None
    }


def _open_incidents(
    context: Context, tx: Connection, product: str, output: str, causes: Mapping[str, str]
) -> IncidentChanges:
    changes = IncidentChanges()
    if not causes:
        return changes
    now, by = context.clock(), context.principal.name
    severity = find_severity(tx, product, output, now)
    for cause, summary in causes.items():
        incident = incidents.record_occurrence(tx, IncidentCause(product, output, cause, summary, severity), now, by)
        if incident.occurrences == 1:
            changes.opened.append(incident)
        elif incidents.is_graver(severity, incident.severity):
            changes.grown += filter(None, [incidents.raise_severity(tx, incident.id, severity, now, by)])
    return changes
