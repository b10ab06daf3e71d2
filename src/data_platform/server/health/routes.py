"""`/healthz` and `/readyz`, without a token and without anything about the mesh, and `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from anyio import CapacityLimiter, fail_after, to_thread
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.errors import RecordFailed
from data_platform.server.callers import identify_caller
from data_platform.server.health.metrics import CONTENT_TYPE, Metrics
from data_platform.server.limits.incident_metrics import render_incidents
from data_platform.server.limits.product_metrics import render_products
from data_platform.server.limits.quota_metrics import render_quotas
from data_platform.server.parts import ServerParts
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context

_SECONDS = 5.0
_OF_THE_MESH = (render_quotas, render_incidents, render_products)


def make_health_routes(parts: ServerParts, metrics: Metrics) -> list[BaseRoute]:
    """The routes; they have threads of their own, so that a busy server is not taken for a dead one."""
    limiter = CapacityLimiter(2)
    endpoints: dict[str, Callable[[HttpRequest], Awaitable[Response]]] = {
        "/healthz": _answer_alive,
        "/readyz": partial(_answer_ready, parts, limiter),
        "/metrics": partial(_answer_metrics, parts, metrics, limiter),
    }
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in endpoints.items()]


async def _answer_alive(http: HttpRequest) -> Response:
    return JSONResponse({"status": "ok"})


async def _answer_ready(parts: ServerParts, limiter: CapacityLimiter, http: HttpRequest) -> Response:
    if parts.is_ending():
        return JSONResponse({"status": "ending"}, 503)
    try:
        with fail_after(_SECONDS):
            await to_thread.run_sync(partial(_read_record, parts), limiter=limiter, abandon_on_cancel=True)
    except (RecordFailed, TimeoutError):
        return JSONResponse({"status": "the record does not answer"}, 503)
    return JSONResponse({"status": "ready"})


async def _answer_metrics(
    parts: ServerParts, metrics: Metrics, limiter: CapacityLimiter, http: HttpRequest
) -> Response:
    def render() -> bytes:
        if not parts.has_open_metrics:
            _authorize_scraper(parts, http)
        return b"".join([metrics.render(), *(render(parts, http) for render in _OF_THE_MESH)])

    return Response(await to_thread.run_sync(render, limiter=limiter), media_type=CONTENT_TYPE)


def _authorize_scraper(parts: ServerParts, http: HttpRequest) -> None:
    """Raises NotAuthenticated, and AccessDenied for who may not read the audit log; a read-only token may."""
    caller = Caller(identify_caller(parts, http), SERVER_DOOR)
    authorize(Context(parts.mesh, caller), Action.AUDIT, Resource(ResourceKind.AUDIT_LOG))


def _read_record(parts: ServerParts) -> None:
    with parts.mesh.record.reading() as conn:
        conn.exec_driver_sql("SELECT 1")
