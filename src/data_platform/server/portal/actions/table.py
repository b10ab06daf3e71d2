"""The forms by path. A form has the token of its session; whatever it calls is decided as at every other door."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data_platform.server.portal.actions import access, incidents
from data_platform.server.portal.actions.following import follow, unfollow
from data_platform.server.portal.visit import SeeOther, Visit

ACTIONS: Mapping[str, Callable[[Visit], SeeOther]] = {
    "/access/requests": access.request_access,
    "/access/requests/{id}/approve": access.approve,
    "/access/requests/{id}/deny": access.deny,
    "/access/requests/{id}/withdraw": access.withdraw,
    "/access/grants/{id}/narrow": access.narrow,
    "/access/grants/{id}/revoke": access.revoke,
    "/access/tokens/{id}/revoke": access.revoke_token,
    "/incidents/{id}/acknowledge": incidents.acknowledge,
    "/incidents/{id}/comment": incidents.comment,
    "/incidents/{id}/resolve": incidents.resolve,
    "/products/{product}/follow": follow,
    "/products/{product}/unfollow": unfollow,
}
