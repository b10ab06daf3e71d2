"""Pages for what goes wrong: what happened, what to do next, and nothing of what is hidden."""

from __future__ import annotations

from data_platform.errors import DataPlatformError
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.wire.problems import status_of


def describe_error(error: DataPlatformError, status: int | None = None, method: str = "GET") -> PageContent:
    """The page of an error, with its reason and its hint; `status` where it has another than in general."""
    status = status or status_of(error)
    kind = _name_kind(status, is_form=method == "POST")
    return PageContent("error.html", {"status": status, "kind": kind, "error": error}, status)


def show_missing(visit: Visit) -> PageContent:
    """The page of a path that there is not."""
    return PageContent("error.html", {"status": 404, "kind": "missing", "error": None}, 404)


def _name_kind(status: int, *, is_form: bool) -> str:
    """The key of the title of an error, and of the words about what to do next."""
    match status:
        case 401 | 403:
            return "barred" if is_form else "denied"
        case 404 | 410:
            return "missing"
        case 429 | 503:
            return "busy"
        case _ if status >= 500:
            return "failed"
        case _:
            return "refused" if is_form else "address"
