"""One output of a product: columns, sample, versions, and how to read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_platform.errors import AccessDenied, DataPlatformError
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, SampleRows, Visit
from data_platform.verbs.catalog.show import Show
from data_platform.verbs.identity.explain_access import ExplainAccess
from data_platform.verbs.reading.versions import Versions
from data_platform.verbs.results import DataProductMetadata, OutputMetadata

VIEWS = ("columns", "sample", "read", "versions")
VERSIONS_SHOWN = 20
COLUMNS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to read an output: the kind of client, and what to write there."""

    kind: str
    text: str


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
        case "sample":
            values |= _read_sample(visit, product, output)
        case "read":
            values["snippets"] = tuple(write_snippets(product.name, output.name))
        case "versions":
            values["versions"] = visit.ask(Versions(product.name, output.name))
    values["sizes"] = {"columns": COLUMNS_SHOWN, "versions": VERSIONS_SHOWN}
    return PageContent("output.html", values)


def write_snippets(product: str, output: str) -> Iterator[Snippet]:
    """How to read an output in Python, on the command line, and in SQL."""
    yield Snippet(
        "python",
        f"from data_platform import DataProduct\n\nframe = DataProduct.consume({product!r}, {output!r})\nframe.show()",
    )
    yield Snippet("command", f"data-platform consume {product} {output}")
    yield Snippet("sql", f'SELECT * FROM "{product}"."{output}" LIMIT 10')


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
