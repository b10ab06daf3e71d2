"""One product: whether to trust it, who answers for it, and what it has."""

from __future__ import annotations

from data_platform.server.portal.drawing.trend import draw_trend
from data_platform.server.portal.pages.trust import describe_own_access, find_last_good, judge_product
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.catalog.show import Show
from data_platform.verbs.contracts.subscriptions import Changes, Subscriptions
from data_platform.verbs.identity.explain_access import ExplainAccess
from data_platform.verbs.incidents.incidents import ListIncidents
from data_platform.verbs.policies.check import ExplainPolicies
from data_platform.verbs.quality.checklist import Checklist
from data_platform.verbs.quality.report import Quality
from data_platform.verbs.runs.history import ListRuns

VIEWS = ("overview", "quality", "contract", "checklist", "runs")
LISTED = 20


def show_product(visit: Visit) -> PageContent:
    """The page at `/products/NAME`; `view` chooses its part."""
    name = visit.names["product"]
    view = visit.query.get("view", VIEWS[0])
    product = visit.ask(Show(name))
    visit.note_view(product.name)
    quality = visit.ask(Quality(product.name))
    access = visit.ask_if_allowed(ExplainAccess(visit.principal.name, product.name))
    open_incidents = [incident for incident in quality.incidents if incident.resolved_at is None]
    values = {
        "product": product,
        "quality": quality,
        "views": VIEWS,
        "view": view if view in VIEWS else VIEWS[0],
        "open_incidents": open_incidents,
        "verdict": judge_product(visit, product, quality, open_incidents),
        "last_good": find_last_good(product.outputs),
        "access": access,
        "own": describe_own_access(visit, product.name, access),
        "follows": any(one.product == product.name for one in visit.ask_if_allowed(Subscriptions()) or []),
    }
    match values["view"]:
        case "quality":
            values["trend"] = draw_trend(quality.quality_trend, quality.first_day, quality.window_days, visit.texts)
            values["incidents"] = visit.ask(ListIncidents(product.name, limit=LISTED))
        case "contract":
            values["changes"] = visit.ask(Changes(product.name))
        case "checklist":
            values["checklist"] = visit.ask(Checklist(product.name))
            values["policies"] = visit.ask_if_allowed(ExplainPolicies(product.name)) or []
        case "runs":
            values["runs"] = visit.ask_if_allowed(ListRuns(product.name, limit=LISTED)) or []
    return PageContent("product.html", values)
