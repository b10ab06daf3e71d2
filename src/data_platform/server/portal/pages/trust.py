"""Whether to trust a product now, and what the visitor may do with it, in one line each: from what verbs answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from data_platform.server.portal.visit import Visit
from data_platform.verbs.access.show import ListOwnRequests
from data_platform.verbs.results import (
    AccessExplanation,
    AccessRequestInfo,
    DataProductMetadata,
    IncidentInfo,
    OutputMetadata,
    QualityMetrics,
)

_GRAVE = ("critical", "high")
_GOOD_SCORE, _FAIR_SCORE = 95, 80


@dataclass(frozen=True, slots=True)
class ProductVerdict:
    """Whether the data can be relied on now: `tone` is good, warn, bad or empty (unknown), `reason` one line."""

    tone: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """What the visitor may do now, in one line; `path` is where the next step is, `step` the key of its name."""

    tone: str
    line: str
    path: str | None = None
    step: str | None = None


def judge_product(
    visit: Visit, product: DataProductMetadata, quality: QualityMetrics, incidents: Sequence[IncidentInfo]
) -> ProductVerdict:
    """The verdict with the gravest reason there is."""
    reasons = list(_list_reasons(visit, product, quality, incidents))
    for tone in ("bad", "warn", ""):
        chosen = [reason for reason in reasons if reason.tone == tone]
        if chosen:
            return chosen[0]
    return ProductVerdict("good", visit.texts("trust.good", score=f"{quality.current_score:.0f}"))


def _list_reasons(
    visit: Visit, product: DataProductMetadata, quality: QualityMetrics, incidents: Sequence[IncidentInfo]
) -> Iterator[ProductVerdict]:
    texts = visit.texts
    for incident in incidents:
        tone = "bad" if incident.severity in _GRAVE else "warn"
        summary = incident.summary.removeprefix(f"{incident.product}: ")  # summaries of policies begin with it
        yield ProductVerdict(tone, texts("trust.incident", place=incident.place, summary=summary))
    for sla in quality.sla_compliance:
        if sla.met is False:
            promise = texts.translate_state("promise", sla.promise)
            facts = {"promise": promise, "output": sla.output, "actual": sla.actual or "–", "target": sla.target}
            yield ProductVerdict("bad", texts("trust.promise", **facts))
    if product.archived_at:
        yield ProductVerdict("warn", texts("trust.archived", at=f"{product.archived_at:%Y-%m-%d}"))
    score = quality.current_score
    if score is not None and score < _GOOD_SCORE:
        yield ProductVerdict("bad" if score < _FAIR_SCORE else "warn", texts("trust.score", score=f"{score:.0f}"))
    outputs = product.outputs
    if outputs and all(output.deprecated_at for output in outputs):
        yield ProductVerdict("warn", texts("trust.deprecated"))
    if not any(output.version for output in outputs):
        yield ProductVerdict("", texts("trust.unpublished"))
    elif score is None:
        yield ProductVerdict("", texts("trust.unknown"))


def find_last_good(outputs: Sequence[OutputMetadata]) -> OutputMetadata | None:
    """The output whose newest version is the youngest; every version has passed its audit."""
    published = [output for output in outputs if output.published_at]
    return max(published, key=lambda output: str(output.published_at), default=None)


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
            waits = ", ".join(request.missing)
            return _link_request(request, tone, texts("own.pending", id=request.id, who=waits))
    for request, ends_at, state in requests:
        if state.startswith("approved"):
            until = f"{ends_at:%Y-%m-%d}" if ends_at else texts("own.without_end")
            return _link_request(request, tone, texts("own.granted", id=request.id, until=until))
    ask = _write_request_path(
        product, (closed or [one for one in access.outputs if one.masks] or access.outputs)[0].output
    )
    if closed:
        line = texts("own.closed") if len(closed) == len(access.outputs) else texts("own.partly", n=len(closed))
        return OwnAccess(tone, f"{line} {closed[0].reason}", ask, "access.request")
    if masked:
        return OwnAccess(tone, texts("own.masked", n=masked), ask, "access.request")
    return OwnAccess(tone, texts("own.open"))


def _write_request_path(product: str, output: str) -> str:
    return f"/access?{urlencode({'view': 'request', 'output': f'{product}.{output}'})}"


def _link_request(request: AccessRequestInfo, tone: str, line: str) -> OwnAccess:
    return OwnAccess(tone, line, f"/access/requests/{request.id}", "own.see_request")
