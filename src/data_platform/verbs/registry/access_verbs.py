"""The verbs of requests for access, decisions about them, and grants."""

from __future__ import annotations

from data_platform.access.actions import Action
from data_platform.record.audit_log.acts import Act
from data_platform.verbs.verb import Scope, Verb

ACCESS_VERBS = (
    Verb(
        "ApproveRequest",
        "access.decide:approve_request",
        Action.DECIDE_ACCESS,
        Scope.ROW,
        "POST /access/requests/{id}/approvals",
        Act.ACCESS,
    ),
    Verb(
        "BreakGlass",
        "access.break_glass:break_glass",
        Action.REQUEST_ACCESS,
        Scope.OUTPUT,
        "POST /products/{product}/outputs/{output}/break-glass",
        Act.ACCESS,
    ),
    Verb(
        "DenyRequest",
        "access.decide:deny_request",
        Action.DECIDE_ACCESS,
        Scope.ROW,
        "POST /access/requests/{id}/denials",
        Act.ACCESS,
    ),
    Verb(
        "ExplainAccess",
        "identity.explain_access:explain_access",
        Action.READ,
        Scope.ROW,
        "GET /products/{product}/access/{principal}",
    ),
    Verb("ExportAgreements", "access.agreements:export_agreements", Action.READ, Scope.ROW, "GET /access/agreements"),
    Verb(
        "ImportAgreements",
        "access.agreements:import_agreements",
        Action.REQUEST_ACCESS,
        Scope.ROW,
        "POST /access/agreements",
        Act.ACCESS,
    ),
    Verb("ListOwnRequests", "access.show:list_own_requests", Action.READ, Scope.ROW, "GET /access/requests/mine"),
    Verb(
        "ListUndecidedRequests",
        "access.show:list_undecided_requests",
        Action.READ,
        Scope.ROW,
        "GET /access/requests/to-decide",
    ),
    Verb(
        "NarrowGrant",
        "access.review:narrow_grant",
        Action.DECIDE_ACCESS,
        Scope.ROW,
        "POST /access/grants/{id}/narrowing",
        Act.ACCESS,
    ),
    Verb(
        "RenewAccess",
        "access.renew:renew_access",
        Action.REQUEST_ACCESS,
        Scope.ROW,
        "POST /access/grants/{id}/renewals",
        Act.ACCESS,
    ),
    Verb(
        "RequestAccess",
        "access.request:request_access",
        Action.REQUEST_ACCESS,
        Scope.ROW,
        "POST /access/requests",
        Act.ACCESS,
    ),
    Verb("ReviewGrants", "access.review:review_grants", Action.READ, Scope.ROW, "GET /access/grants"),
    Verb(
        "RevokeAccess",
        "access.revoke:revoke_access",
        Action.REVOKE_ACCESS,
        Scope.ROW,
        "DELETE /access/grants/{id}",
        Act.ACCESS,
    ),
    Verb("ShowRequest", "access.show:show_request", Action.READ, Scope.ROW, "GET /access/requests/{id}"),
    Verb(
        "WithdrawRequest",
        "access.request:withdraw_request",
        Action.REQUEST_ACCESS,
        Scope.ROW,
        "DELETE /access/requests/{id}",
        Act.ACCESS,
    ),
)
