"""One product: whether to trust it, who answers for it, and what it has."""

from __future__ import annotations

from data_platform.server.portal.drawing.difference import compare_texts
from data_platform.server.portal.drawing.trend import draw_trend
from data_platform.server.portal.pages.incidents import read_number
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.pages.trust import describe_own_access, judge_product
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.spec.rules.model import describe_demand
from data_platform.verbs.catalog.consumers import ListConsumers
from data_platform.verbs.catalog.registered_contract import FORMS, ContractForm, ShowContract
from data_platform.verbs.catalog.show import Show
from data_platform.verbs.contracts.subscriptions import Changes, Subscriptions
from data_platform.verbs.identity.explain_access import ExplainAccess
from data_platform.verbs.incidents.incidents import ListIncidents
from data_platform.verbs.policies.check import ExplainPolicies
from data_platform.verbs.quality.checklist import Checklist
from data_platform.verbs.quality.refusals import ListRefusals
from data_platform.verbs.quality.report import Quality
from data_platform.verbs.runs.history import ListRuns

VIEWS = ("overview", "quality", "contract", "consumers", "checklist", "runs")
LISTED, REFUSALS_LISTED = 20, 5
SIZES = {"products": 50, "columns": 50}


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
        "view": view if view in VIEWS else VIEWS[0],
        "open_incidents": open_incidents,
        "verdict": judge_product(visit, product, quality, open_incidents),
        "access": access,
        "own": describe_own_access(visit, product.name, access),
        "follows": any(one.product == product.name for one in visit.ask_if_allowed(Subscriptions()) or []),
    }
    match values["view"]:
        case "quality":
            values["trend"] = draw_trend(quality.quality_trend, quality.first_day, quality.window_days, visit.texts)
            values["incidents"] = visit.ask(ListIncidents(product.name, limit=LISTED))
            values["demand"] = describe_demand
            values["refusals"] = visit.ask(ListRefusals(product.name, limit=REFUSALS_LISTED))
        case "contract":
            values["changes"] = visit.ask(Changes(product.name))
            values |= _show_contract(visit, product.name)
        case "consumers":
            values |= {"consumers": visit.ask(ListConsumers(product.name)), "page": read_page(visit), "sizes": SIZES}
        case "checklist":
            values["checklist"] = visit.ask(Checklist(product.name))
            values["policies"] = visit.ask_if_allowed(ExplainPolicies(product.name)) or []
        case "runs":
            values["runs"] = visit.ask_if_allowed(ListRuns(product.name, limit=LISTED)) or []
    return PageContent("product.html", values)


def _show_contract(visit: Visit, product: str) -> dict[str, object]:
    """The contract in the form that the visitor asks for, or what one of its revisions changed."""
    form: ContractForm = next((form for form in FORMS if form == visit.query["form"]), FORMS[0])
    if not visit.query["revision"]:
        return {"form": form, "contract": visit.ask(ShowContract(product, form)), "difference": None}
    revision = read_number(visit.query["revision"])
    contract = visit.ask(ShowContract(product, form, revision))
    before = visit.ask(ShowContract(product, form, revision - 1)).texts if revision > 1 else {}
    return {"form": form, "contract": contract, "difference": list(compare_texts(before, contract.texts))}
