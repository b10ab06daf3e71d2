"""Access: what the visitor asked for, what waits for a decision, grants and their use, and tokens."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.errors import BadInput
from data_platform.server.portal.pages.incidents import read_number
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.access.review import ReviewGrants
from data_platform.verbs.access.show import ListOwnRequests, ListUndecidedRequests, ShowRequest
from data_platform.verbs.catalog.show import Show
from data_platform.verbs.identity.tokens import ListTokens
from data_platform.verbs.identity.who_am_i import WhoAmI

VIEWS = ("mine", "decide", "request", "review", "tokens")
MOST_OUTPUTS = 50
PAGE = 50


def show_access(visit: Visit) -> PageContent:
    """The page at `/access`; `view` chooses its part."""
    view = visit.query["view"] or VIEWS[0]
    view = view if view in VIEWS else VIEWS[0]
    values: dict[str, object] = {"view": view, "views": VIEWS}
    match view:
        case "mine":
            values |= _cut_page(visit, visit.ask(ListOwnRequests()))
        case "decide":
            values |= _cut_page(visit, visit.ask(ListUndecidedRequests()))
        case "request":
            values |= _describe_cart(visit)
        case "review":
            values |= _cut_page(visit, visit.ask_if_allowed(ReviewGrants()) or [])
        case "tokens":
            values |= _cut_page(visit, visit.ask_if_allowed(ListTokens()) or [])
    values["caller"] = visit.ask(WhoAmI())
    return PageContent("access.html", values)


def show_request(visit: Visit) -> PageContent:
    """The page at `/access/requests/ID`: what an approval opens, the decisions, the grants."""
    detail = visit.ask(ShowRequest(read_number(visit.names["id"])))
    undecided = {request.id for request in visit.ask(ListUndecidedRequests())}
    return PageContent(
        "access_request.html",
        {
            "detail": detail,
            "decides": detail.request.id in undecided,
            "is_own": detail.request.requester == visit.principal.name,
        },
    )


def list_outputs(text: str) -> tuple[str, ...]:
    """The outputs in a form or an address, one a line or with commas between; raises BadInput."""
    outputs = tuple(dict.fromkeys(part.strip() for part in text.replace(",", "\n").split("\n") if part.strip()))
    if len(outputs) > MOST_OUTPUTS:
        raise BadInput(f"{len(outputs)} outputs are more than {MOST_OUTPUTS}", hint="send several requests")
    return outputs


def _cut_page(visit: Visit, rows: Sequence[object]) -> dict[str, object]:
    """The rows of the page that was asked for."""
    page = read_page(visit)
    return {"rows": rows[(page - 1) * PAGE : page * PAGE], "page": page, "size": PAGE, "total": len(rows)}


def _describe_cart(visit: Visit) -> dict[str, object]:
    """The outputs that the form is about, with the terms that the visitor has to accept."""
    outputs = list_outputs(visit.query["output"])
    terms = []
    for output in outputs:
        product, _, name = output.partition(".")
        described = visit.ask_if_allowed(Show(product, name or None))
        terms += [
            (f"{product}.{one.name}", one.access.terms)
            for one in (described.outputs if described else ())
            if one.access is not None and one.access.terms
        ]
    return {"outputs": outputs, "terms": terms}
