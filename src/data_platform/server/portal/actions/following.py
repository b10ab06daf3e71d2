"""Follow a product, and follow it no more."""

from __future__ import annotations

from data_platform.server.portal.visit import SeeOther, Visit, make_path
from data_platform.verbs.contracts.subscriptions import Subscribe, Unsubscribe


def follow(visit: Visit) -> SeeOther:
    """Shows the visitor what changes in the product's contract from now on."""
    product = visit.names["product"]
    visit.ask(Subscribe(product))
    return SeeOther(make_path("products", product), "followed")


def unfollow(visit: Visit) -> SeeOther:
    """Ends it."""
    product = visit.names["product"]
    visit.ask(Unsubscribe(product))
    return SeeOther(make_path("products", product), "unfollowed")
