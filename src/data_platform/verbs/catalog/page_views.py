"""page views: that somebody looked at the page of a product."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.record.operations import page_views
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request


@dataclass(frozen=True, slots=True)
class ViewPage(Request[None]):
    """Note that the caller looks at the page of a product; it counts once an hour."""

    product: str


def view_page(context: Context, request: ViewPage) -> None:
    """Records the view; raises NotFound."""
    with context.record.transaction() as tx:
        product = resolve_product(tx, request.product).name
        page_views.add(tx, context.principal.name, product, context.clock())
