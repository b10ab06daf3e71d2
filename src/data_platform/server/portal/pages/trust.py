"""Whether to trust a product now, and what the visitor may do with it, in one line each: from what verbs answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from data_platform.quality.sla import IN_USE
from data_platform.quality.trust import Trust, TrustFacts, TrustReason, is_grave, judge_trust
from data_platform.sentences import Sentence
from data_platform.server.portal.catalogue import Catalogue
from data_platform.server.portal.visit import Visit
from data_platform.verbs.access.show import ListOwnRequests
from data_platform.verbs.results import (
    AccessExplanation,
    AccessRequestInfo,
    DataProductMetadata,
    IncidentInfo,
    QualityMetrics,
    SlaCompliance,
)


@dataclass(frozen=True, slots=True)
class ProductVerdict:
    """Whether the data can be relied on now, and why, in one line: an open incident says that in its summary."""

    level: Trust
    reason: str
    incident: IncidentInfo | None = None


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """What the visitor may do now, in one line; `path` is where the next step is, `step` the key of its name.

    `reason` is why something is closed.
    """

    tone: str
    line: str
    path: str | None = None
    step: str | None = None
    reason: Sentence | None = None


def judge_product(
    visit: Visit, product: DataProductMetadata, quality: QualityMetrics, incidents: Sequence[IncidentInfo]
) -> ProductVerdict:
    """The verdict with the gravest reason there is."""
    outputs, score = product.outputs, quality.current_score
    is_promised = product.status in IN_USE and product.archived_at is None
    broken = [sla for sla in quality.sla_compliance if sla.met is False and is_promised]
    facts = TrustFacts(
        [incident.severity for incident in incidents],
        bool(broken),
        score,
        any(output.version for output in outputs),
        product.archived_at is not None,
        bool(outputs) and all(output.deprecated_at for output in outputs),
    )
    level, reason = judge_trust(facts)
    texts = visit.texts
    match reason:
        case TrustReason.INCIDENT:
            gravest = next((one for one in incidents if is_grave(one.severity)), incidents[0])
            return ProductVerdict(level, "", gravest)
        case TrustReason.BROKEN_PROMISE:
            return ProductVerdict(level, _describe_broken_promise(texts, broken[0]))
        case TrustReason.ARCHIVED if product.archived_at is not None:
            return ProductVerdict(level, texts("trust.archived", at=texts.write_date(product.archived_at)))
        case TrustReason.LOW_SCORE:
            return ProductVerdict(level, texts("trust.low_score", score=f"{score:.0f}"))
        case None:
            return ProductVerdict(level, texts("trust.good", score=f"{score:.0f}"))
        case _:
            return ProductVerdict(level, texts.translate_state("reason", reason))


def _describe_broken_promise(texts: Catalogue, sla: SlaCompliance) -> str:
    promise = texts.translate_state("promise", sla.promise)
    actual = "–" if sla.measured is None else texts.say(sla.measured)
    facts = {"promise": promise, "output": sla.output, "actual": actual, "target": sla.target}
    return texts("trust.promise", **facts)


def describe_own_access(visit: Visit, product: str, access: AccessExplanation | None) -> OwnAccess | None:
    """What the visitor may read, is waiting for, or may ask for; None where that cannot be explained to them."""
    if access is None or not access.outputs:
        return None
    texts = visit.texts
    requests = [
        (request, output.ends_at, output.state)
        for request in visit.ask_if_allowed(ListOwnRequests()) or []
        for output in request.outputs
        if output.product == product and output.output in {one.output for one in access.outputs}
    ]
    closed = [output for output in access.outputs if not output.allowed]
    masked = sum(len(output.masks) for output in access.outputs)
    tone = "bad" if len(closed) == len(access.outputs) else "warn" if closed or masked else "good"
    for request, _, state in requests:
        if state == "pending":
            waits = ", ".join(map(texts.say, request.awaits))
            return _link_request(request, tone, texts("own.pending", id=request.id, who=waits))
    for request, ends_at, state in requests:
        if state.startswith("approved"):
            until = texts.write_date(ends_at) if ends_at else texts("own.without_end")
            return _link_request(request, tone, texts("own.granted", id=request.id, until=until))
    ask = _write_request_path(
        product, (closed or [one for one in access.outputs if one.masks] or access.outputs)[0].output
    )
    if closed:
        line = texts("own.closed") if len(closed) == len(access.outputs) else texts("own.partly", n=len(closed))
        return OwnAccess(tone, line, ask, "access.request", closed[0].because)
    if masked:
        return OwnAccess(tone, texts("own.masked", n=masked), ask, "access.request")
    return OwnAccess(tone, texts("own.open"))


def _write_request_path(product: str, output: str) -> str:
    return f"/access?{urlencode({'view': 'request', 'output': f'{product}.{output}'})}"


def _link_request(request: AccessRequestInfo, tone: str, line: str) -> OwnAccess:
    return OwnAccess(tone, line, f"/access/requests/{request.id}", "own.see_request")
