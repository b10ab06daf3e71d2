"""Operations: runs and their logs, what waits in the outbox, what domains store, and damage of tables."""

from __future__ import annotations

from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.core.timestamps import parse_moment
from data_platform.verbs.events.outbox import Outbox
from data_platform.verbs.lifecycle.domains import ListDomains
from data_platform.verbs.operations.examine import Examine
from data_platform.verbs.operations.storage import ListStorage
from data_platform.verbs.results import ProductStorage
from data_platform.verbs.runs.history import ListRuns, ShowRun

VIEWS = ("runs", "storage", "outbox", "tables")
OPERATORS_VIEWS = ("outbox", "tables")
STATES = ("running", "succeeded", "refused", "failed", "lost")
PAGE, LARGEST = 50, 50
EXAMINED_SECONDS = 1.0


def show_operations(visit: Visit) -> PageContent:
    """The page at `/runs`; `view` chooses its part, among those that this visitor may ask for."""
    is_operator = visit.may_ask(Outbox())
    views = [view for view in VIEWS if is_operator or view not in OPERATORS_VIEWS]
    view = visit.query.get("view", VIEWS[0])
    values = {"views": views, "view": view if view in views else VIEWS[0], "page": read_page(visit), "size": PAGE}
    match values["view"]:
        case "runs":
            values |= _list_runs(visit)
        case "storage":
            values |= {"domains": visit.ask(ListDomains()), "largest": _list_largest(visit)}
        case "outbox":
            values["destinations"] = visit.ask(Outbox())
        case "tables":
            values["examined"] = visit.ask(Examine(EXAMINED_SECONDS)) if visit.query.get("check") else None
    return PageContent("operations.html", values)


def show_run(visit: Visit) -> PageContent:
    """The page at `/runs/ID`: one run, with the end of its log for who is in charge of the product."""
    detail = visit.ask(ShowRun(visit.names["id"]))
    return PageContent("run.html", {"run": detail.run, "log": detail.log})


def _list_largest(visit: Visit) -> list[ProductStorage]:
    """The products that store most, of the domains that the visitor answers for, or of the chosen one."""
    return visit.ask(ListStorage(visit.query["domain"] or None, LARGEST))


def _list_runs(visit: Visit) -> dict[str, object]:
    """The runs of one page, which begins behind the last run of the page before, and whether there are more."""
    query = visit.query
    before = parse_moment(query["before"]) if query["before"] else None
    request = ListRuns(
        query["product"] or None, None, query["state"] or None, PAGE + 1, before, query["behind"] or None
    )
    rows = visit.ask(request)
    return {"runs": rows[:PAGE], "is_last": len(rows) <= PAGE, "states": STATES}
