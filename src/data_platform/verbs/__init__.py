"""The verbs: a typed request and the function that answers it, in one file each, in folders by capability.

`verbs.Versions(…)` loads its module when it is first named (PEP 562), so that listing versions never waits for the
engine that a consume needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data_platform.verbs.registry import VERBS, load_function, load_request

if TYPE_CHECKING:
    from data_platform.verbs.access.agreements import ExportAgreements, ImportAgreements
    from data_platform.verbs.access.break_glass import BreakGlass
    from data_platform.verbs.access.decide import ApproveRequest, DenyRequest
    from data_platform.verbs.access.renew import RenewAccess
    from data_platform.verbs.access.request import RequestAccess, WithdrawRequest
    from data_platform.verbs.access.review import NarrowGrant, ReviewGrants
    from data_platform.verbs.access.revoke import RevokeAccess
    from data_platform.verbs.access.show import ListOwnRequests, ListUndecidedRequests, ShowRequest
    from data_platform.verbs.alerts.channels import ListChannels, SendTestAlert
    from data_platform.verbs.catalog.consumers import ListConsumers
    from data_platform.verbs.catalog.domain_status import ShowDomain
    from data_platform.verbs.catalog.page_views import ViewPage
    from data_platform.verbs.catalog.registered_contract import ShowContract
    from data_platform.verbs.catalog.search import Search
    from data_platform.verbs.catalog.show import Show
    from data_platform.verbs.contracts.diff import Diff
    from data_platform.verbs.contracts.register import CheckColumns, Register
    from data_platform.verbs.contracts.release import Release
    from data_platform.verbs.contracts.subscriptions import (
        AcknowledgeChanges,
        Changes,
        Subscribe,
        Subscriptions,
        Unsubscribe,
    )
    from data_platform.verbs.events.outbox import Deliver, Outbox, TryAgain
    from data_platform.verbs.glossary.terms import DefineTerm, ListTerms, RetireTerm, ShowTerm
    from data_platform.verbs.identity.attributes import SetAttributes
    from data_platform.verbs.identity.explain_access import ExplainAccess
    from data_platform.verbs.identity.owners import ClaimOwner, ListOwners, ReleaseOwner
    from data_platform.verbs.identity.principals import DisablePrincipal, ListPrincipals, ShowPrincipal
    from data_platform.verbs.identity.roles import GrantRole, ListRoles, RevokeRole
    from data_platform.verbs.identity.teams import AddMember, CreateTeam, ListTeams, RemoveMember
    from data_platform.verbs.identity.tokens import CreateToken, ListTokens, RevokeToken
    from data_platform.verbs.identity.who_am_i import WhoAmI
    from data_platform.verbs.incidents.incidents import (
        AcknowledgeIncident,
        CommentIncident,
        ListIncidents,
        ResolveIncident,
        ShowIncident,
    )
    from data_platform.verbs.lifecycle.archive import Archive, RetireProduct
    from data_platform.verbs.lifecycle.deprecate import Deprecate, DeprecateProduct, Retire
    from data_platform.verbs.lifecycle.domains import DefineDomain, ListDomains
    from data_platform.verbs.lifecycle.offboard import ListDepartures, Offboard
    from data_platform.verbs.lifecycle.rename import Rename
    from data_platform.verbs.lifecycle.transfer import AcceptTransfer, ListTransfers, OfferTransfer, WithdrawTransfer
    from data_platform.verbs.lineage.column_lineage import LineageOfColumn
    from data_platform.verbs.lineage.impact import ImpactOfColumn
    from data_platform.verbs.lineage.lineage import Lineage
    from data_platform.verbs.lineage.openlineage import LineageEvents
    from data_platform.verbs.lineage.receive import ReceiveLineage
    from data_platform.verbs.lineage.version_lineage import LineageOfVersion
    from data_platform.verbs.operations.audit_log import AnchorAudit, AuditLog, VerifyAudit
    from data_platform.verbs.operations.backup import Backup
    from data_platform.verbs.operations.erase_key import EraseKey
    from data_platform.verbs.operations.examine import Examine
    from data_platform.verbs.operations.gc import Collect
    from data_platform.verbs.operations.keys import ListKeys, RotateKeys
    from data_platform.verbs.operations.maintenance import Tick
    from data_platform.verbs.operations.rebuild import rebuild_record
    from data_platform.verbs.operations.repair import Repair
    from data_platform.verbs.operations.restore import restore_backup
    from data_platform.verbs.operations.rotate_column_key import RotateColumnKey
    from data_platform.verbs.operations.storage import ListStorage
    from data_platform.verbs.policies.anonymisations import (
        ApproveAnonymisation,
        ListAnonymisations,
        RefuseAnonymisation,
    )
    from data_platform.verbs.policies.apply import ApplyPolicies, PolicyHistory, ShowPolicies, WhatIfPolicies
    from data_platform.verbs.policies.attestations import AttestPolicy, ListAttestations, WithdrawAttestation
    from data_platform.verbs.policies.check import CheckPolicies, ExplainPolicies
    from data_platform.verbs.policies.matrix import ListViolations, PolicyMatrix
    from data_platform.verbs.policies.waivers import ApproveWaiver, EndWaiver, ListWaivers, WaivePolicy
    from data_platform.verbs.publishing.publish import Publish
    from data_platform.verbs.quality.checklist import Checklist
    from data_platform.verbs.quality.readiness import ListReadiness
    from data_platform.verbs.quality.refusals import ListRefusals
    from data_platform.verbs.quality.report import Quality
    from data_platform.verbs.reading.consume import Consume
    from data_platform.verbs.reading.frames import open_frame
    from data_platform.verbs.reading.rows import open_rows
    from data_platform.verbs.reading.run_frame import RunFrame
    from data_platform.verbs.reading.sql import Sql
    from data_platform.verbs.reading.versions import Versions
    from data_platform.verbs.runs.execution import FinishRun, HeartbeatRun, StartRun
    from data_platform.verbs.runs.history import ListRuns, ShowRun

__all__ = [
    "AcceptTransfer",
    "AcknowledgeChanges",
    "AcknowledgeIncident",
    "AddMember",
    "AnchorAudit",
    "ApplyPolicies",
    "ApproveAnonymisation",
    "ApproveRequest",
    "ApproveWaiver",
    "Archive",
    "AttestPolicy",
    "AuditLog",
    "Backup",
    "BreakGlass",
    "Changes",
    "CheckColumns",
    "CheckPolicies",
    "Checklist",
    "ClaimOwner",
    "Collect",
    "CommentIncident",
    "Consume",
    "CreateTeam",
    "CreateToken",
    "DefineDomain",
    "DefineTerm",
    "Deliver",
    "DenyRequest",
    "Deprecate",
    "DeprecateProduct",
    "Diff",
    "DisablePrincipal",
    "EndWaiver",
    "EraseKey",
    "Examine",
    "ExplainAccess",
    "ExplainPolicies",
    "ExportAgreements",
    "FinishRun",
    "GrantRole",
    "HeartbeatRun",
    "ImpactOfColumn",
    "ImportAgreements",
    "Lineage",
    "LineageEvents",
    "LineageOfColumn",
    "LineageOfVersion",
    "ListAnonymisations",
    "ListAttestations",
    "ListChannels",
    "ListConsumers",
    "ListDepartures",
    "ListDomains",
    "ListIncidents",
    "ListKeys",
    "ListOwnRequests",
    "ListOwners",
    "ListPrincipals",
    "ListReadiness",
    "ListRefusals",
    "ListRoles",
    "ListRuns",
    "ListStorage",
    "ListTeams",
    "ListTerms",
    "ListTokens",
    "ListTransfers",
    "ListUndecidedRequests",
    "ListViolations",
    "ListWaivers",
    "NarrowGrant",
    "Offboard",
    "OfferTransfer",
    "Outbox",
    "PolicyHistory",
    "PolicyMatrix",
    "Publish",
    "Quality",
    "ReceiveLineage",
    "RefuseAnonymisation",
    "Register",
    "Release",
    "ReleaseOwner",
    "RemoveMember",
    "Rename",
    "RenewAccess",
    "Repair",
    "RequestAccess",
    "ResolveIncident",
    "Retire",
    "RetireProduct",
    "RetireTerm",
    "ReviewGrants",
    "RevokeAccess",
    "RevokeRole",
    "RevokeToken",
    "RotateColumnKey",
    "RotateKeys",
    "RunFrame",
    "Search",
    "SendTestAlert",
    "SetAttributes",
    "Show",
    "ShowContract",
    "ShowDomain",
    "ShowIncident",
    "ShowPolicies",
    "ShowPrincipal",
    "ShowRequest",
    "ShowRun",
    "ShowTerm",
    "Sql",
    "StartRun",
    "Subscribe",
    "Subscriptions",
    "Tick",
    "TryAgain",
    "Unsubscribe",
    "VerifyAudit",
    "Versions",
    "ViewPage",
    "WaivePolicy",
    "WhatIfPolicies",
    "WhoAmI",
    "WithdrawAttestation",
    "WithdrawRequest",
    "WithdrawTransfer",
    "open_frame",
    "open_rows",
    "rebuild_record",
    "restore_backup",
]

_FUNCTIONS = {
    "open_frame": "reading.frames:open_frame",
    "open_rows": "reading.rows:open_rows",
    "rebuild_record": "operations.rebuild:rebuild_record",
    "restore_backup": "operations.restore:restore_backup",
}
"""Functions that are no verbs: they open what a ticket describes, or make a home whose mesh cannot be opened."""


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return load_function(_FUNCTIONS[name])
    if name not in VERBS:
        raise AttributeError(f"there is no verb {name!r}")
    return load_request(name)
