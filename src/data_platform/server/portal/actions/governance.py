"""Exceptions from policies: request, approve and end a waiver, give and withdraw an attestation."""

from __future__ import annotations

from data_platform.server.portal.actions.confirmation import require_certainty
from data_platform.server.portal.pages.incidents import read_number
from data_platform.server.portal.visit import SeeOther, Visit
from data_platform.verbs.policies.attestations import AttestPolicy, WithdrawAttestation
from data_platform.verbs.policies.waivers import ApproveWaiver, EndWaiver, WaivePolicy

_WAIVERS, _ATTESTATIONS = "/governance?view=waivers", "/governance?view=attestations"


def request_waiver(visit: Visit) -> SeeOther:
    """Asks for permission to break a policy; another principal approves it."""
    form = visit.form
    visit.ask(WaivePolicy(form["product"], form["policy"], form["reason"], form["until"], form["subject"] or None))
    return SeeOther(_WAIVERS, "waiver_requested")


def approve_waiver(visit: Visit) -> SeeOther:
    """Approves a request."""
    visit.ask(ApproveWaiver(read_number(visit.names["id"])))
    return SeeOther(_WAIVERS, "waiver_approved")


def end_waiver(visit: Visit) -> SeeOther:
    """Declines a request, or ends a waiver."""
    require_certainty(visit)
    visit.ask(EndWaiver(read_number(visit.names["id"])))
    return SeeOther(_WAIVERS, "waiver_ended")


def attest(visit: Visit) -> SeeOther:
    """States that a product keeps a policy without a rule."""
    form = visit.form
    visit.ask(AttestPolicy(form["product"], form["policy"], form["evidence"], form["until"]))
    return SeeOther(_ATTESTATIONS, "attested")


def withdraw_attestation(visit: Visit) -> SeeOther:
    """Takes it back."""
    require_certainty(visit)
    visit.ask(WithdrawAttestation(read_number(visit.names["id"])))
    return SeeOther(_ATTESTATIONS, "attestation_withdrawn")
