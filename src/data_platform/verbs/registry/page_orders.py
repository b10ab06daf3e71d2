"""The orders of listed answers, by which a server answers them in pages."""

from __future__ import annotations

from collections.abc import Mapping

PAGE_ORDERS: Mapping[str, tuple[str, ...]] = {
    "AuditLog": ("-number",),
    "Changes": ("-at", "-revision", "product", "output", "happened"),
    "ListAnonymisations": ("-id",),
    "ListAttestations": ("-id",),
    "ListChannels": ("name",),
    "ListDepartures": ("principal",),
    "ListDomains": ("name",),
    "ListIncidents": ("-opened_at", "-id"),
    "ListOwners": ("address",),
    "ListPrincipals": ("name",),
    "ListReadiness": ("domain",),
    "ListRefusals": ("-at", "-id"),
    "ListRoles": ("principal", "role", "domain"),
    "ListOwnRequests": ("-id",),
    "ListUndecidedRequests": ("-id",),
    "ListRuns": ("-started_at", "id"),
    "ListStorage": ("-bytes", "product"),
    "ListTeams": ("name",),
    "ListTokens": ("id",),
    "ListTransfers": ("product",),
    "ListViolations": ("-since", "-incident"),
    "ListWaivers": ("-id",),
    "Outbox": ("destination",),
    "PolicyMatrix": ("policy", "domain"),
    "PolicyHistory": ("-revision",),
    "ReviewGrants": ("product", "output", "id"),
    "Subscriptions": ("product",),
    "Versions": ("-published_at", "output", "-version"),
}
"""The fields that identify an item of the verb's list together, in the order of the list; `-` is descending.

A served list that is not here is answered whole; `WHOLE_LISTS` says why.
"""

WHOLE_LISTS: Mapping[str, str] = {
    "ExplainPolicies": "it has the policies of one product",
    "LineageEvents": "it has the events of one product's newest facts",
    "LineageOfVersion": "it has what one version was made from",
}
