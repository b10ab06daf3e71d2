"""The forms by path. A form has the token of its session; whatever it calls is decided as at every other door."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data_platform.server.portal.actions.following import follow, unfollow
from data_platform.server.portal.visit import SeeOther, Visit

ACTIONS: Mapping[str, Callable[[Visit], SeeOther]] = {
    "/products/{product}/follow": follow,
    "/products/{product}/unfollow": unfollow,
}
