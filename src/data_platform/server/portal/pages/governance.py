"""Governance: policies by domain, violations, exceptions, what other policies would change, and the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from data_platform.errors import InvalidSpec, NotFound
from data_platform.record.audit_log.acts import Act
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.spec.policies.loading import parse_policies
from data_platform.verbs.operations.audit_log import AuditLog, VerifyAudit
from data_platform.verbs.policies.apply import ShowPolicies, WhatIfPolicies
from data_platform.verbs.policies.attestations import AttestPolicy, ListAttestations
from data_platform.verbs.policies.matrix import ListViolations, PolicyMatrix
from data_platform.verbs.policies.waivers import ApproveWaiver, ListWaivers, WaivePolicy
from data_platform.verbs.quality.readiness import ListReadiness
from data_platform.verbs.results import AttestationInfo, PolicyStanding, WaiverInfo

VIEWS = ("matrix", "violations", "waivers", "attestations", "readiness", "whatif", "audit")
ANTI_PATTERNS = ("domain-owned", "measurable", "discoverable", "governed")
PAGE = 50
_STATES = ("requested", "holds")
"""The states of exceptions that come first; the others follow, each newest first."""


def show_governance(visit: Visit) -> PageContent:
    """The page at `/governance`; `view` chooses its part, among those that this visitor may ask for."""
    views = [view for view in VIEWS if view != "audit" or visit.may_ask(AuditLog())]
    view = visit.query.get("view", VIEWS[0])
    view = view if view in views else VIEWS[0]
    values = {"views": views, "view": view, "page": read_page(visit), "size": PAGE}
    match view:
        case "matrix":
            values |= _build_matrix(visit.ask(PolicyMatrix()))
        case "violations":
            values |= _list_violations(visit)
        case "waivers":
            values |= _list_waivers(visit)
        case "attestations":
            values |= _list_attestations(visit)
        case "readiness":
            values |= {"domains": visit.ask(ListReadiness()), "anti_patterns": ANTI_PATTERNS}
        case "whatif":
            values |= {"text": _read_policies(visit), "what_if": None, "problem": None}
        case "audit":
            values |= _read_audit_log(visit)
    return PageContent("governance.html", values)


def preview_policies(visit: Visit) -> PageContent:
    """The same page after a policies file was sent: what it would change, or what is wrong with it."""
    text = visit.form["text"].replace("\r\n", "\n")
    values: dict[str, object] = {"text": text, "what_if": None, "problem": None}
    try:
        values["what_if"] = visit.ask(WhatIfPolicies(parse_policies(text, "policies.yaml")))
    except InvalidSpec as error:
        values["problem"] = error
    page = show_governance(visit)
    return PageContent(page.template, {**page.values, **values}, 400 if values["problem"] else 200)


def _build_matrix(standings: Sequence[PolicyStanding]) -> dict[str, object]:
    """The domains, each with its cells by policy, and the policies in their columns."""
    by_domain = sorted(standings, key=lambda row: row.domain)
    cells: Mapping[str, Mapping[str, PolicyStanding]] = {
        domain: {row.policy: row for row in rows} for domain, rows in groupby(by_domain, lambda row: row.domain)
    }
    policies = {row.policy: row for row in standings}
    return {"cells": cells, "domains": list(cells), "policies": [policies[name] for name in sorted(policies)]}


def _list_violations(visit: Visit) -> dict[str, object]:
    """The violations of one page, and whether there are more."""
    query, end = visit.query, read_page(visit) * PAGE
    rows = visit.ask(
        ListViolations(query.get("policy"), query.get("domain"), query.get("product"), limit=end + 1),
    )
    narrowed = [(name, query[name]) for name in ("policy", "domain", "product") if query.get(name)]
    return {"violations": rows[end - PAGE : end], "is_last": len(rows) <= end, "narrowed": narrowed}


def _list_waivers(visit: Visit) -> dict[str, object]:
    product = visit.query.get("product") or None
    return {
        "waivers": _sort_by_state(visit.ask(ListWaivers(product))),
        "may_decide": visit.may_ask(ApproveWaiver(0)),
        "may_request": product is None or visit.may_ask(WaivePolicy(product, "", "", "")),
    }


def _list_attestations(visit: Visit) -> dict[str, object]:
    product = visit.query.get("product") or None
    return {
        "attestations": _sort_by_state(visit.ask(ListAttestations(product))),
        "may_attest": product is None or visit.may_ask(AttestPolicy(product, "", "", "")),
    }


def _sort_by_state(rows: Sequence[WaiverInfo] | Sequence[AttestationInfo]) -> list[WaiverInfo | AttestationInfo]:
    order = {state: at for at, state in enumerate(_STATES)}
    return sorted(rows, key=lambda row: order.get(row.state, len(order)))


def _read_policies(visit: Visit) -> str:
    """The text of the policies that hold, as far as the visitor finds it; none while none were applied."""
    try:
        return visit.ask(ShowPolicies()).text
    except NotFound:
        return ""


def _read_audit_log(visit: Visit) -> dict[str, object]:
    """The entries before a number, and the verdict on the whole log where it was asked for."""
    query = visit.query
    before = int(query["before"]) if query["before"].isdecimal() and len(query["before"]) < 16 else None
    log = AuditLog(
        query.get("product") or None, query.get("by") or None, query.get("act") or None, limit=PAGE + 1, before=before
    )
    entries = visit.ask(log)
    verdict = visit.ask(VerifyAudit()) if query.get("verify") else None
    return {"entries": entries[:PAGE], "is_last": len(entries) <= PAGE, "acts": sorted(Act), "verdict": verdict}
