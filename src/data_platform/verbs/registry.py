"""The one list of verbs: which story answers which request. Routes, the access matrix and clients come from it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

VERBS = {
    "AcceptTransfer": "transfers.accept_transfer",
    "AcknowledgeIncident": "incidents.acknowledge_incident",
    "AnchorAudit": "audit_log.anchor_audit",
    "ApplyPolicies": "policies.apply_policies",
    "ApproveWaiver": "waivers.approve_waiver",
    "AttestPolicy": "attestations.attest_policy",
    "AuditLog": "audit_log.show_audit_log",
    "CheckColumns": "register.check_columns",
    "CheckPolicies": "policy_checks.check_policies",
    "Changes": "subscriptions.list_changes",
    "Archive": "lifecycle.archive",
    "Backup": "backup.back_up",
    "Checklist": "checklist.checklist",
    "Collect": "collect.collect",
    "CommentIncident": "incidents.comment_incident",
    "Consume": "consume.consume",
    "DefineDomain": "domains.define_domain",
    "Deliver": "outbox.deliver",
    "Deprecate": "majors.deprecate",
    "DeprecateProduct": "majors.deprecate_product",
    "Diff": "diff.diff",
    "EndWaiver": "waivers.end_waiver",
    "Examine": "examine.examine",
    "ExplainPolicies": "policy_checks.explain_policies",
    "ImpactOfColumn": "impact.show_impact",
    "Lineage": "lineage.show_lineage",
    "LineageEvents": "openlineage.show_events",
    "LineageOfColumn": "column_lineage.show_column_lineage",
    "ListAttestations": "attestations.list_attestations",
    "ListDepartures": "offboarding.list_departures",
    "ListDomains": "domains.list_domains",
    "ListIncidents": "incidents.list_incidents",
    "ListReadiness": "checklist.list_readiness",
    "ListTransfers": "transfers.list_transfers",
    "Offboard": "offboarding.offboard",
    "OfferTransfer": "transfers.offer_transfer",
    "ListWaivers": "waivers.list_waivers",
    "Outbox": "outbox.show_outbox",
    "PolicyHistory": "policies.policy_history",
    "Publish": "publish.publish",
    "Quality": "quality.show_quality",
    "Register": "register.register",
    "Release": "release.release",
    "Rename": "rename.rename",
    "Repair": "repair.repair",
    "ResolveIncident": "incidents.resolve_incident",
    "Retire": "majors.retire",
    "RetireProduct": "lifecycle.retire_product",
    "Search": "search.search",
    "Show": "show.show",
    "ShowIncident": "incidents.show_incident",
    "ShowPolicies": "policies.show_policies",
    "Sql": "sql.run_sql",
    "Subscribe": "subscriptions.subscribe",
    "Subscriptions": "subscriptions.list_subscriptions",
    "Tick": "tick.tick",
    "TryAgain": "outbox.try_again",
    "Unsubscribe": "subscriptions.unsubscribe",
    "VerifyAudit": "audit_log.verify_audit",
    "Versions": "versions.list_versions",
    "WithdrawTransfer": "transfers.withdraw_transfer",
    "WaivePolicy": "waivers.waive_policy",
    "WhatIfPolicies": "policies.what_if_policies",
    "WithdrawAttestation": "attestations.withdraw_attestation",
}
"""The story of each request, in the same file as the request; by name, so that only the verb asked for is loaded."""


def story_of(request: type) -> Callable[[Any, Any], Any]:
    """The function that answers requests of that type."""
    file, _, story = VERBS[request.__name__].partition(".")
    found: Callable[[Any, Any], Any] = getattr(import_module(f"data_platform.verbs.{file}"), story)
    return found
