"""The forms by path. A form has the token of its session; whatever it calls is decided as at every other door."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data_platform.server.portal.actions import access, glossary, governance, incidents
from data_platform.server.portal.actions.following import follow, unfollow
from data_platform.server.portal.actions.outbox import retry_outbox
from data_platform.server.portal.pages.governance import preview_policies
from data_platform.server.portal.visit import PageContent, SeeOther, Visit

ACTIONS: Mapping[str, Callable[[Visit], PageContent | SeeOther]] = {
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
    "/glossary": glossary.define_term,
    "/glossary/{term}/retire": glossary.retire_term,
    "/governance": preview_policies,
    "/governance/attestations": governance.attest,
    "/governance/attestations/{id}/withdraw": governance.withdraw_attestation,
    "/governance/waivers": governance.request_waiver,
    "/governance/waivers/{id}/approve": governance.approve_waiver,
    "/governance/waivers/{id}/end": governance.end_waiver,
    "/products/{product}/follow": follow,
    "/products/{product}/unfollow": unfollow,
    "/runs/outbox/retry": retry_outbox,
}
