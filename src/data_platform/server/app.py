"""The app: the routes of the verbs, and the pages of the portal, behind one door."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from data_platform.installing import VERSION
from data_platform.server.calling import Calling
from data_platform.server.documents.openapi import write_document
from data_platform.server.door import Door
from data_platform.server.health.metrics import Metrics
from data_platform.server.health.routes import make_health_routes
from data_platform.server.limits.uploads import UploadPlaces
from data_platform.server.parts import ServerParts
from data_platform.server.portal.portal import make_missing_route, make_portal_routes
from data_platform.server.routes import make_routes


class ServerApp(FastAPI):
    """The verbs of one mesh over HTTP. FastAPI routes; forms validate, and the door turns errors into problems."""

    def __init__(self, parts: ServerParts) -> None:
        super().__init__(
            title="data-platform",
            version=VERSION,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            redirect_slashes=False,
        )
        self.parts = parts
        places = UploadPlaces(parts.threads, parts.mesh.settings.server.heavy_calls)
        calling = Calling(parts, CapacityLimiter(parts.threads), CapacityLimiter(parts.threads), places)
        self.metrics = Metrics()
        health = make_health_routes(parts, self.metrics)
        document = Route("/openapi.json", _answer_document, methods=["GET"])
        self.router.routes.extend(
            [*health, document, *make_routes(calling), *parts.routes, *make_portal_routes(calling)]
        )
        self.router.routes.append(make_missing_route(calling))

    def build_middleware_stack(self) -> ASGIApp:
        """The door, and no other handler of errors before it."""
        return Door(AsyncExitStackMiddleware(self.router), self.parts.allowed_hosts, self.metrics, self.parts.is_ending)


async def _answer_document(http: HttpRequest) -> Response:
    document = await to_thread.run_sync(write_document)
    return Response(document, media_type="application/json", headers={"Cache-Control": "no-cache"})
