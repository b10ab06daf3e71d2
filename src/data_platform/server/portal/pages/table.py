"""The pages by path. Each asks the verbs what it shows; visitors who are not signed in are sent to sign-in first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data_platform.server.portal.pages.access import show_access, show_request
from data_platform.server.portal.pages.design import show_design
from data_platform.server.portal.pages.domains import show_domain, show_domains
from data_platform.server.portal.pages.glossary import show_glossary, show_term
from data_platform.server.portal.pages.governance import show_governance
from data_platform.server.portal.pages.home import show_home
from data_platform.server.portal.pages.incidents import show_incident, show_incidents
from data_platform.server.portal.pages.lineage import show_lineage
from data_platform.server.portal.pages.operations import show_operations, show_run
from data_platform.server.portal.pages.output import show_output
from data_platform.server.portal.pages.product import show_product
from data_platform.server.portal.pages.search import show_search, show_suggestions
from data_platform.server.portal.visit import PageContent, Visit

PAGES: Mapping[str, Callable[[Visit], PageContent]] = {
    "/": show_home,
    "/search": show_search,
    "/suggest": show_suggestions,
    "/access": show_access,
    "/access/requests/{id}": show_request,
    "/incidents": show_incidents,
    "/incidents/{id}": show_incident,
    "/lineage/{product}": show_lineage,
    "/products/{product}": show_product,
    "/products/{product}/{output}": show_output,
    "/domains": show_domains,
    "/domains/{domain}": show_domain,
    "/glossary": show_glossary,
    "/glossary/{term}": show_term,
    "/governance": show_governance,
    "/runs": show_operations,
    "/runs/{id}": show_run,
    "/design": show_design,
}
