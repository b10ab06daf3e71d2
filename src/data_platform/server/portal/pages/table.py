"""The pages by path. Each asks the verbs what it shows; whoever is not signed in is sent to sign-in first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data_platform.server.portal.pages.design import show_design
from data_platform.server.portal.pages.home import show_home
from data_platform.server.portal.pages.lineage import show_lineage
from data_platform.server.portal.pages.output import show_output
from data_platform.server.portal.pages.product import show_product
from data_platform.server.portal.pages.search import show_search, show_suggestions
from data_platform.server.portal.visit import PageContent, Visit

PAGES: Mapping[str, Callable[[Visit], PageContent]] = {
    "/": show_home,
    "/search": show_search,
    "/suggest": show_suggestions,
    "/lineage/{product}": show_lineage,
    "/products/{product}": show_product,
    "/products/{product}/{output}": show_output,
    "/design": show_design,
}
