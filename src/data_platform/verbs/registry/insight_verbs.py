"""The verbs that tell a consumer about a product, beside `show` and `quality`."""

from __future__ import annotations

from data_platform.access.actions import Action
from data_platform.verbs.verb import Scope, Verb

INSIGHT_VERBS = (
    Verb(
        "ListConsumers",
        "catalog.consumers:list_consumers",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/consumers",
    ),
    Verb(
        "ListRefusals",
        "quality.refusals:list_refusals",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/refusals",
    ),
    Verb(
        "ShowContract",
        "catalog.registered_contract:show_contract",
        Action.READ,
        Scope.PRODUCT,
        "GET /products/{product}/contract",
    ),
)
