"""The one list of verbs. The dispatcher, the access check, the rule of the audit log, routes and clients come from it.

An entry is a verb: the class of its request, the function that answers it, the action and the scope that the access
check asks for, its HTTP method and path, and the acts that it may leave in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from data_platform.access.actions import Action
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.verb import Scope, Verb

_LIST = (
    Verb(
        "AcceptTransfer",
        "lifecycle.transfer:accept_transfer",
        Action.TRANSFER,
        Scope.PRODUCT,
        "POST /products/{product}/transfer/acceptance",
        Act.TRANSFER,
        Act.REGISTER,
    ),
    Verb(
        "AcknowledgeIncident",
        "incidents.incidents:acknowledge_incident",
        Action.RESPOND,
        Scope.ROW,
        "POST /incidents/{id}/acknowledgement",
        Act.INCIDENT,
    ),
    Verb(
        "AnchorAudit",
        "operations.audit_log:build_anchor",
        Action.OPERATE,
        Scope.AUDIT_LOG,
        "POST /audit/anchors",
        Act.READS,
    ),
    Verb("ApplyPolicies", "policies.apply:apply_policies", Action.GOVERN, Scope.POLICIES, "PUT /policies", Act.POLICY),
    Verb(
        "ApproveWaiver",
        "policies.waivers:approve_waiver",
        Action.GOVERN,
        Scope.POLICIES,
        "POST /waivers/{id}/approval",
        Act.WAIVER,
    ),
    Verb(
        "Archive",
        "lifecycle.archive:archive",
        Action.ARCHIVE,
        Scope.PRODUCT,
        "PUT /products/{product}/archive",
        Act.ARCHIVE,
    ),
    Verb(
        "AttestPolicy",
        "policies.attestations:attest_policy",
        Action.ATTEST,
        Scope.PRODUCT,
        "POST /products/{product}/attestations",
        Act.ATTESTATION,
    ),
    Verb("AuditLog", "operations.audit_log:show_audit_log", Action.READ, Scope.AUDIT_LOG, "GET /audit"),
    Verb("Backup", "operations.backup:write_backup", Action.OPERATE, Scope.MESH, "POST /backups", Act.BACKUP),
    Verb("Changes", "contracts.subscriptions:list_changes", Action.READ, Scope.SUBSCRIPTIONS, "GET /changes"),
    Verb(
        "CheckColumns",
        "contracts.register:check_columns",
        Action.READ,
        Scope.PRODUCT,
        "POST /products/{product}/columns/check",
    ),
    Verb(
        "CheckPolicies",
        "policies.check:check_policies",
        Action.READ,
        Scope.PRODUCT,
        "POST /products/{product}/policies/check",
    ),
    Verb(
        "Checklist",
        "quality.checklist:build_checklist",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/checklist",
    ),
    Verb("Collect", "operations.gc:collect", Action.COLLECT, Scope.TABLES, "POST /gc", Act.RETENTION),
    Verb(
        "CommentIncident",
        "incidents.incidents:comment_incident",
        Action.RESPOND,
        Scope.ROW,
        "POST /incidents/{id}/comments",
        Act.INCIDENT,
    ),
    Verb(
        "Consume",
        "reading.consume:consume",
        Action.CONSUME,
        Scope.OUTPUT,
        "GET /products/{product}/outputs/{output}/data",
        Act.REFUSAL,
    ),
    Verb(
        "DefineDomain",
        "lifecycle.domains:define_domain",
        Action.DEFINE_DOMAIN,
        Scope.DOMAIN,
        "PUT /domains/{name}",
        Act.DOMAIN,
    ),
    Verb("Deliver", "events.outbox:deliver", Action.OPERATE, Scope.MESH, "POST /outbox/deliveries"),
    Verb(
        "Deprecate",
        "lifecycle.deprecate:deprecate",
        Action.DEPRECATE,
        Scope.OUTPUT,
        "POST /products/{product}/outputs/{output}/deprecation",
        Act.DEPRECATE,
    ),
    Verb(
        "DeprecateProduct",
        "lifecycle.deprecate:deprecate_product",
        Action.DEPRECATE,
        Scope.PRODUCT,
        "POST /products/{product}/deprecation",
        Act.DEPRECATE,
    ),
    Verb("Diff", "contracts.diff:diff", Action.READ, Scope.PRODUCT, "POST /products/{product}/diff"),
    Verb("EndWaiver", "policies.waivers:end_waiver", Action.GOVERN, Scope.POLICIES, "DELETE /waivers/{id}", Act.WAIVER),
    Verb(
        "EraseKey",
        "operations.erase_key:erase_key",
        Action.ERASE,
        Scope.OUTPUT,
        "POST /products/{product}/erasures",
        Act.ERASE,
    ),
    Verb("Examine", "operations.examine:check_damage", Action.OPERATE, Scope.MESH, "GET /health/tables"),
    Verb(
        "ExplainPolicies",
        "policies.check:explain_policies",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/policies",
    ),
    Verb(
        "FinishRun",
        "runs.execution:finish_run",
        Action.RUN,
        Scope.ROW,
        "POST /runs/{id}/end",
        Act.RUN,
    ),
    Verb("HeartbeatRun", "runs.execution:heartbeat_run", Action.RUN, Scope.ROW, "POST /runs/{id}/heartbeats"),
    Verb(
        "ImpactOfColumn",
        "lineage.impact:show_impact",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/columns/{column}/impact",
    ),
    Verb("Lineage", "lineage.lineage:show_lineage", Action.READ, Scope.PRODUCT, "GET /products/{product}/lineage"),
    Verb(
        "LineageEvents",
        "lineage.openlineage:show_events",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/lineage/events",
    ),
    Verb(
        "LineageOfColumn",
        "lineage.column_lineage:show_column_lineage",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/outputs/{output}/columns/{column}/lineage",
    ),
    Verb(
        "ListAttestations", "policies.attestations:list_attestations", Action.READ, Scope.POLICIES, "GET /attestations"
    ),
    Verb("ListDepartures", "lifecycle.offboard:list_departures", Action.READ, Scope.MESH, "GET /departures"),
    Verb("ListDomains", "lifecycle.domains:list_domains", Action.READ, Scope.DOMAINS, "GET /domains"),
    Verb("ListIncidents", "incidents.incidents:list_incidents", Action.READ, Scope.INCIDENTS, "GET /incidents"),
    Verb("ListKeys", "operations.keys:list_keys", Action.READ, Scope.MESH, "GET /keys"),
    Verb("ListReadiness", "quality.checklist:list_readiness", Action.READ, Scope.MESH, "GET /checklist"),
    Verb("ListRuns", "runs.history:list_runs", Action.READ, Scope.MESH, "GET /runs"),
    Verb("ListTransfers", "lifecycle.transfer:list_transfers", Action.READ, Scope.MESH, "GET /transfers"),
    Verb("ListWaivers", "policies.waivers:list_waivers", Action.READ, Scope.POLICIES, "GET /waivers"),
    Verb(
        "Offboard",
        "lifecycle.offboard:record_departure",
        Action.OFFBOARD,
        Scope.PRINCIPAL,
        "PUT /departures/{principal}",
        Act.OFFBOARD,
    ),
    Verb(
        "OfferTransfer",
        "lifecycle.transfer:offer_transfer",
        Action.TRANSFER,
        Scope.PRODUCT,
        "PUT /products/{product}/transfer",
        Act.TRANSFER,
    ),
    Verb("Outbox", "events.outbox:show_outbox", Action.OPERATE, Scope.MESH, "GET /outbox"),
    Verb("PolicyHistory", "policies.apply:policy_history", Action.READ, Scope.POLICIES, "GET /policies/revisions"),
    Verb(
        "Publish",
        "publishing.publish:publish",
        Action.PUBLISH,
        Scope.OUTPUT,
        "POST /products/{product}/outputs/{output}/versions",
        Act.PUBLISH,
        Act.KEY,
        Act.REFUSAL,
        Act.REGISTER,
    ),
    Verb("Quality", "quality.report:show_quality", Action.READ, Scope.PRODUCT, "GET /products/{product}/quality"),
    Verb(
        "Register",
        "contracts.register:register",
        Action.REGISTER,
        Scope.PRODUCT,
        "PUT /products/{product}/contract",
        Act.REGISTER,
        Act.REFUSAL,
    ),
    Verb(
        "Release",
        "contracts.release:release",
        Action.RELEASE,
        Scope.PRODUCT,
        "POST /products/{product}/releases",
        Act.RELEASE,
    ),
    Verb(
        "Rename",
        "lifecycle.rename:rename",
        Action.RENAME,
        Scope.PRODUCT,
        "POST /products/{product}/name",
        Act.RENAME,
        Act.REGISTER,
    ),
    Verb("Repair", "operations.repair:restore_metadata", Action.OPERATE, Scope.MESH, "POST /repairs", Act.REPAIR),
    Verb(
        "ResolveIncident",
        "incidents.incidents:resolve_incident",
        Action.RESPOND,
        Scope.ROW,
        "POST /incidents/{id}/resolution",
        Act.INCIDENT,
    ),
    Verb(
        "Retire",
        "lifecycle.deprecate:retire",
        Action.RETIRE,
        Scope.OUTPUT,
        "DELETE /products/{product}/outputs/{output}",
        Act.RETIRE,
    ),
    Verb(
        "RetireProduct",
        "lifecycle.archive:retire_product",
        Action.RETIRE,
        Scope.PRODUCT,
        "DELETE /products/{product}",
        Act.RETIRE,
        Act.REGISTER,
    ),
    Verb("RotateKeys", "operations.keys:rotate_keys", Action.ROTATE_KEYS, Scope.MESH, "POST /keys/rotations", Act.KEY),
    Verb("Search", "catalog.search:search", Action.READ, Scope.CATALOG, "GET /search"),
    Verb("Show", "catalog.show:show", Action.READ, Scope.PRODUCT, "GET /products/{product}"),
    Verb("ShowIncident", "incidents.incidents:show_incident", Action.READ, Scope.ROW, "GET /incidents/{id}"),
    Verb("ShowPolicies", "policies.apply:show_policies", Action.READ, Scope.POLICIES, "GET /policies"),
    Verb("ShowRun", "runs.history:show_run", Action.READ, Scope.ROW, "GET /runs/{id}"),
    Verb("Sql", "reading.sql:run_sql", Action.CONSUME, Scope.ROW, "POST /sql"),
    Verb(
        "StartRun",
        "runs.execution:start_run",
        Action.RUN,
        Scope.OUTPUT,
        "POST /products/{product}/outputs/{output}/runs",
        Act.RUN,
    ),
    Verb(
        "Subscribe",
        "contracts.subscriptions:subscribe",
        Action.SUBSCRIBE,
        Scope.PRODUCT,
        "PUT /products/{product}/subscription",
        Act.SUBSCRIPTION,
    ),
    Verb(
        "Subscriptions",
        "contracts.subscriptions:list_subscriptions",
        Action.READ,
        Scope.SUBSCRIPTIONS,
        "GET /subscriptions",
    ),
    Verb(
        "Tick",
        "operations.maintenance:run_maintenance",
        Action.OPERATE,
        Scope.MESH,
        "POST /maintenance",
        Act.READS,
        Act.RUN,
    ),
    Verb("TryAgain", "events.outbox:retry_outbox", Action.OPERATE, Scope.MESH, "POST /outbox/retries", Act.OUTBOX),
    Verb(
        "Unsubscribe",
        "contracts.subscriptions:unsubscribe",
        Action.SUBSCRIBE,
        Scope.PRODUCT,
        "DELETE /products/{product}/subscription",
        Act.SUBSCRIPTION,
    ),
    Verb("VerifyAudit", "operations.audit_log:verify_audit", Action.READ, Scope.AUDIT_LOG, "GET /audit/verification"),
    Verb("Versions", "reading.versions:list_versions", Action.READ, Scope.PRODUCT, "GET /products/{product}/versions"),
    Verb(
        "WaivePolicy",
        "policies.waivers:waive_policy",
        Action.WAIVE,
        Scope.PRODUCT,
        "POST /products/{product}/waivers",
        Act.WAIVER,
    ),
    Verb("WhatIfPolicies", "policies.apply:what_if_policies", Action.READ, Scope.POLICIES, "POST /policies/what-if"),
    Verb(
        "WithdrawAttestation",
        "policies.attestations:withdraw_attestation",
        Action.ATTEST,
        Scope.ROW,
        "DELETE /attestations/{id}",
        Act.ATTESTATION,
    ),
    Verb(
        "WithdrawTransfer",
        "lifecycle.transfer:withdraw_transfer",
        Action.TRANSFER,
        Scope.PRODUCT,
        "DELETE /products/{product}/transfer",
        Act.TRANSFER,
    ),
)

VERBS = {verb.request: verb for verb in _LIST}
"""Each verb by the name of its request's class. Modules are named by text, so that only the needed one is loaded."""


def load_function(place: str) -> Callable[..., Any]:
    """The function at `module:name` below `verbs`."""
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"data_platform.verbs.{module}"), name)
    return function


def load_request(name: str) -> type:
    """The request class of that name."""
    module = VERBS[name].place.partition(":")[0]
    request: type = getattr(import_module(f"data_platform.verbs.{module}"), name)
    return request
