"""Ask for access, decide about it, and end it."""

from __future__ import annotations

from data_platform.server.portal.actions.confirmation import require_certainty
from data_platform.server.portal.pages.access import list_outputs
from data_platform.server.portal.pages.incidents import read_number
from data_platform.server.portal.visit import SeeOther, Visit, make_path
from data_platform.verbs.access.decide import ApproveRequest, DenyRequest
from data_platform.verbs.access.request import RequestAccess, WithdrawRequest
from data_platform.verbs.access.review import NarrowGrant
from data_platform.verbs.access.revoke import RevokeAccess
from data_platform.verbs.identity.tokens import RevokeToken

_REVIEW, _TOKENS = "/access?view=review", "/access?view=tokens"


def request_access(visit: Visit) -> SeeOther:
    """Sends one request for all outputs of the cart."""
    form = visit.form
    columns = list_outputs(form["columns"]) or None
    request = visit.ask(
        RequestAccess(
            list_outputs(form["outputs"]),
            form["purpose"].strip(),
            columns,
            form["until"] or None,
            form["team"] or None,
            accept_terms=bool(form["accept_terms"]),
        )
    )
    return SeeOther(make_path("access", "requests", str(request.id)), "requested")


def approve(visit: Visit) -> SeeOther:
    """Approves what the visitor may decide of a request."""
    number = read_number(visit.names["id"])
    visit.ask(ApproveRequest(number, visit.form["note"] or None))
    return SeeOther(make_path("access", "requests", str(number)), "approved")


def deny(visit: Visit) -> SeeOther:
    """Denies what is not decided yet."""
    number = read_number(visit.names["id"])
    visit.ask(DenyRequest(number, visit.form["note"]))
    return SeeOther(make_path("access", "requests", str(number)), "denied")


def withdraw(visit: Visit) -> SeeOther:
    """Takes a request of one's own back."""
    number = read_number(visit.names["id"])
    visit.ask(WithdrawRequest(number))
    return SeeOther(make_path("access", "requests", str(number)), "withdrawn")


def revoke(visit: Visit) -> SeeOther:
    """Ends a grant."""
    require_certainty(visit)
    (grant,) = visit.ask(RevokeAccess(visit.names["id"]))
    return SeeOther(make_path("access", "requests", str(grant.request)), "revoked")


def narrow(visit: Visit) -> SeeOther:
    """Narrows a grant to the columns that were read."""
    visit.ask(NarrowGrant(visit.names["id"]))
    return SeeOther(_REVIEW, "narrowed")


def revoke_token(visit: Visit) -> SeeOther:
    """Ends a token before its time."""
    require_certainty(visit)
    visit.ask(RevokeToken(read_number(visit.names["id"])))
    return SeeOther(_TOKENS, "token_revoked")
