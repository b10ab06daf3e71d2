"""The check mark of forms that end something."""

from __future__ import annotations

from data_platform.errors import BadInput
from data_platform.server.portal.visit import Visit


def require_certainty(visit: Visit) -> None:
    """Raises BadInput where a form that ends something was sent without its check mark."""
    if visit.form["sure"] != "yes":
        raise BadInput("this was not confirmed, and nothing was changed", hint="set the check mark of the form")
