"""Pages for what goes wrong: what happened, what to do next, and nothing of what is hidden."""

from __future__ import annotations

from data_platform.errors import DataPlatformError
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.wire.problems import status_of


def describe_error(error: DataPlatformError) -> PageContent:
    """The page of an error, with its status, its reason and its hint."""
    status = status_of(error)
    kind = {401: "denied", 403: "denied", 404: "missing"}.get(status, "refused" if status < 500 else "failed")
    return PageContent("error.html", {"status": status, "kind": kind, "error": error}, status)


def show_missing(visit: Visit) -> PageContent:
    """The page of a path that there is not."""
    return PageContent("error.html", {"status": 404, "kind": "missing", "error": None}, 404)
