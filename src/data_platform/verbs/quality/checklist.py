"""checklist: the production readiness of a product."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.quality.survey import Survey
from data_platform.verbs.results import Readiness


@dataclass(frozen=True, slots=True)
class Checklist(Request[Readiness]):
    """The production checklist of one product."""

    product: str


def build_checklist(context: Context, request: Checklist) -> Readiness:
    """Every point and anti-pattern, measured now; raises NotFound."""
    with context.record.reading() as conn:
        (readiness,) = Survey(context, conn).measure([resolve_product(conn, request.product)])
        return readiness
