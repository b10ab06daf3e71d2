"""The one list of verbs: which story answers which request. Routes, the access matrix and clients come from it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

VERBS = {
    "AcceptTransfer": "lifecycle.transfer:accept_transfer",
    "AcknowledgeIncident": "incidents.incidents:acknowledge_incident",
    "AnchorAudit": "operations.audit_log:anchor_audit",
    "ApplyPolicies": "policies.apply:apply_policies",
    "ApproveWaiver": "policies.waivers:approve_waiver",
    "Archive": "lifecycle.archive:archive",
    "AttestPolicy": "policies.attestations:attest_policy",
    "AuditLog": "operations.audit_log:show_audit_log",
    "Backup": "operations.backup:back_up",
    "Changes": "contracts.subscriptions:list_changes",
    "CheckColumns": "contracts.register:check_columns",
    "CheckPolicies": "policies.check:check_policies",
    "Checklist": "quality.checklist:checklist",
    "Collect": "operations.gc:collect",
    "CommentIncident": "incidents.incidents:comment_incident",
    "Consume": "reading.consume:consume",
    "DefineDomain": "lifecycle.domains:define_domain",
    "Deliver": "events.outbox:deliver",
    "Deprecate": "lifecycle.deprecate:deprecate",
    "DeprecateProduct": "lifecycle.deprecate:deprecate_product",
    "Diff": "contracts.diff:diff",
    "EndWaiver": "policies.waivers:end_waiver",
    "Examine": "operations.examine:examine",
    "ExplainPolicies": "policies.check:explain_policies",
    "ImpactOfColumn": "lineage.impact:show_impact",
    "Lineage": "lineage.lineage:show_lineage",
    "LineageEvents": "lineage.openlineage:show_events",
    "LineageOfColumn": "lineage.column_lineage:show_column_lineage",
    "ListAttestations": "policies.attestations:list_attestations",
    "ListDepartures": "lifecycle.offboard:list_departures",
    "ListDomains": "lifecycle.domains:list_domains",
    "ListIncidents": "incidents.incidents:list_incidents",
    "ListReadiness": "quality.checklist:list_readiness",
    "ListTransfers": "lifecycle.transfer:list_transfers",
    "ListWaivers": "policies.waivers:list_waivers",
    "Offboard": "lifecycle.offboard:offboard",
    "OfferTransfer": "lifecycle.transfer:offer_transfer",
    "Outbox": "events.outbox:show_outbox",
    "PolicyHistory": "policies.apply:policy_history",
    "Publish": "publishing.publish:publish",
    "Quality": "quality.report:show_quality",
    "Register": "contracts.register:register",
    "Release": "contracts.release:release",
    "Rename": "lifecycle.rename:rename",
    "Repair": "operations.repair:repair",
    "ResolveIncident": "incidents.incidents:resolve_incident",
    "Retire": "lifecycle.deprecate:retire",
    "RetireProduct": "lifecycle.archive:retire_product",
    "Search": "catalog.search:search",
    "Show": "catalog.show:show",
    "ShowIncident": "incidents.incidents:show_incident",
    "ShowPolicies": "policies.apply:show_policies",
    "Sql": "reading.sql:run_sql",
    "Subscribe": "contracts.subscriptions:subscribe",
    "Subscriptions": "contracts.subscriptions:list_subscriptions",
    "Tick": "operations.maintenance:tick",
    "TryAgain": "events.outbox:try_again",
    "Unsubscribe": "contracts.subscriptions:unsubscribe",
    "VerifyAudit": "operations.audit_log:verify_audit",
    "Versions": "reading.versions:list_versions",
    "WaivePolicy": "policies.waivers:waive_policy",
    "WhatIfPolicies": "policies.apply:what_if_policies",
    "WithdrawAttestation": "policies.attestations:withdraw_attestation",
    "WithdrawTransfer": "lifecycle.transfer:withdraw_transfer",
}
"""The module and the function that answer each request, by name, so that only the verb asked for is loaded."""


def resolve_verb(request: type) -> Callable[[Any, Any], Any]:
    """The function that answers requests of that type."""
    return load_function(VERBS[request.__name__])


def load_function(place: str) -> Callable[..., Any]:
    """The function at `module:name` below `verbs`."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"data_platform.verbs.{module}"), name)
    return function


def load_request(name: str) -> type:
    """The request class of that name."""
    module = VERBS[name].partition(":")[0]
    request: type = getattr(import_module(f"data_platform.verbs.{module}"), name)
    return request
