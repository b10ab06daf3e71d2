"""One output of a product: columns, sample, versions, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_platform.errors import AccessDenied, DataPlatformError
from data_platform.server.portal.drawing.difference import compare_versions
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.pages.snippets import write_snippets
from data_platform.server.portal.visit import PageContent, SampleRows, Visit
from data_platform.verbs.catalog.show import Show
from data_platform.verbs.identity.explain_access import ExplainAccess
from data_platform.verbs.reading.versions import Versions
from data_platform.verbs.results import DataProductMetadata, OutputMetadata

VIEWS = ("columns", "sample", "read", "versions")
VERSIONS_SHOWN = 20
COLUMNS_SHOWN = 100


def show_output(visit: Visit) -> PageContent:
    """The page at `/products/NAME/OUTPUT`; `view` chooses its part."""
    product = visit.ask(Show(visit.names["product"], visit.names["output"]))
    (output,) = product.outputs
    view = visit.query.get("view", VIEWS[0])
    explained = visit.ask_if_allowed(ExplainAccess(visit.principal.name, product.name, output.name))
    values = {
        "product": product,
        "output": output,
        "views": VIEWS,
        "view": view if view in VIEWS else VIEWS[0],
        "access": explained.outputs[0] if explained else None,
        "page": read_page(visit),
    }
    match values["view"]:
        case "columns":
            values["columns"] = _select_columns(visit, output)
            values["statistics"] = _read_statistics(visit, product.name, output)
        case "sample":
            values |= _read_sample(visit, product, output)
        case "read":
            is_open = output.type == "table" and output.version and (explained is None or explained.outputs[0].allowed)
            values["snippets"] = tuple(write_snippets(product.name, output.name)) if is_open else ()
        case "versions":
            values["versions"] = versions = visit.ask(Versions(product.name, output.name))
            values["changes"] = [compare_versions(*pair) for pair in zip(versions, [*versions[1:], None], strict=True)]
    values["sizes"] = {"columns": COLUMNS_SHOWN, "versions": VERSIONS_SHOWN}
    return PageContent("output.html", values)


def _read_statistics(visit: Visit, product: str, output: OutputMetadata) -> Mapping[str, Mapping[str, Any]]:
    """The statistics of the newest version by column: those that the visitor may know."""
    if not output.version:
        return {}
    (newest,) = visit.ask(Versions(product, output.name, newest=True))
    return newest.statistics


def _select_columns(visit: Visit, output: OutputMetadata) -> dict[str, object]:
    words = visit.query.get("column", "").strip().casefold()
    chosen = [
        column
        for column in output.columns
        if words in column.name.casefold() or words in (column.description or "").casefold()
    ]
    start = (read_page(visit) - 1) * COLUMNS_SHOWN
    return {"words": words, "total": len(chosen), "shown": chosen[start : start + COLUMNS_SHOWN]}


def _read_sample(visit: Visit, product: DataProductMetadata, output: OutputMetadata) -> dict[str, object]:
    """The sample, or why there is none: denied rows are no error of the page."""
    sample: SampleRows | None = None
    problem: DataPlatformError | None = None
    if output.version:
        try:
            sample = visit.read_sample(visit, product.name, output.name)
        except AccessDenied as denial:
            problem = denial
    return {"sample": sample, "problem": problem}
