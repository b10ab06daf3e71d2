"""What an event of each kind says: its act in the audit log, and its details. Destinations choose events by kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_platform.record.audit_log.acts import Act
from data_platform.record.operations.event_kinds import EventKind

WHO = "principal:NAME"
PRODUCT, OUTPUT = "PRODUCT", "PRODUCT.OUTPUT"
EITHER = f"{PRODUCT} or {OUTPUT}"


@dataclass(frozen=True, slots=True)
class EventShape:
    """What events of a kind are about (`subject`), when they occur, and the types of their details.

    `act` is the act of their entry in the audit log, None where there is no entry; `did` tells apart the kinds of one
    act. With `keeps_lineage` the record keeps the OpenLineage events of each, whether or not a destination takes them.
    What `prepares` is recorded on the way to the act of its request, which may still fail.
    """

    subject: str
    when: str
    act: Act | None = None
    did: str | None = None
    details: Mapping[str, type] = field(default_factory=dict)
    keeps_lineage: bool = False
    prepares: bool = False


_REFUSAL = {"kind": str}
_TRANSFER = {"owner": str, "to": str}
_INCIDENT = {"id": int, "cause": str, "severity": str}
_RUN = {"run": str, "attempt": int, "scheduled_for": str, "version": int, "kind": str}
_EXCEPTION = {"id": int, "policy": str}
_ANONYMISATION = {"id": int, "column": str, "note": str}
_ROLE = {"role": str, "domain": str}
_TOKEN = {"id": int, "prefix": str}
_ACCESS = {"request": int, "holder": str}
_GRANTED = {**_ACCESS, "grant": str}
_COUNTS = {"count": int, "others": int}

EVENT_SHAPES: Mapping[EventKind, EventShape] = {
    EventKind.REGISTERED: EventShape(
        PRODUCT,
        "a contract is registered or changed",
        Act.REGISTER,
        details={
            "revision": int,
            "version": str,
            "domain": str,
            "owner": str,
            "contract": str,
            "changes": list,
            "more_changes": int,
            "not_pii": list,
        },
        keeps_lineage=True,
    ),
    EventKind.CONTRACT_REFUSED: EventShape(PRODUCT, "a contract is refused", Act.REFUSAL, details=_REFUSAL),
    EventKind.RELEASED: EventShape(
        PRODUCT,
        "a contract goes to a higher environment, in both meshes",
        Act.RELEASE,
        details={
            "from_environment": str,
            "from_revision": int,
            "to_environment": str,
            "to_revision": int,
            "revision": int,
        },
    ),
    EventKind.PUBLISHED: EventShape(
        OUTPUT,
        "a version is published",
        Act.PUBLISH,
        details={
            "version": int,
            "contract_revision": int,
            "rows": int,
            "outcome": str,
            "stage": str,
            "metadata": str,
        },
        keeps_lineage=True,
    ),
    EventKind.REFUSED: EventShape(
        OUTPUT,
        "a publish is refused",
        Act.REFUSAL,
        details={"audit": int, **_REFUSAL, "rules": list},
        keeps_lineage=True,
    ),
    EventKind.RUN_STARTED: EventShape(OUTPUT, "a run of a pipeline starts", Act.RUN, "started", _RUN),
    EventKind.RUN_SUCCEEDED: EventShape(OUTPUT, "a run ends, and has published", Act.RUN, "succeeded", _RUN),
    EventKind.RUN_REFUSED: EventShape(OUTPUT, "a run ends, and its publish was refused", Act.RUN, "refused", _RUN),
    EventKind.RUN_FAILED: EventShape(OUTPUT, "a run ends with an error", Act.RUN, "failed", _RUN),
    EventKind.RUN_LOST: EventShape(OUTPUT, "a run is not heard from any more", Act.RUN, "lost", _RUN, prepares=True),
    EventKind.LINEAGE_RECEIVED: EventShape(
        OUTPUT,
        "another tool reports a run that writes or reads an output",
        Act.RUN,
        "reported",
        {"run": str, "job": str, "state": str, "producer": str},
        keeps_lineage=True,
    ),
    EventKind.KEY_MADE: EventShape(
        OUTPUT, "keys of encrypted columns are made", Act.KEY, details={"made": list}, prepares=True
    ),
    EventKind.KEY_ROTATION_BEGUN: EventShape(
        "mesh:keys", "a rotation of the master key begins", Act.KEY, "begin to rotate", prepares=True
    ),
    EventKind.KEYS_ROTATED: EventShape(
        "mesh:keys", "a new master key wraps every key", Act.KEY, "rotate", {"master": int, "keys": int}
    ),
    EventKind.COLUMN_KEY_ROTATED: EventShape(
        OUTPUT,
        "a version is encrypted with a new key of a column",
        Act.KEY,
        "rotate a column's key",
        {"column": str, "version": int},
    ),
    EventKind.KEYS_ERASED: EventShape(
        EITHER, "keys of columns are erased", Act.ERASE, details={"columns": list, "keys": list, "versions": list}
    ),
    EventKind.CONSUMED: EventShape(OUTPUT, "a version is read", details={"version": int}, keeps_lineage=True),
    EventKind.READ_REFUSED: EventShape(OUTPUT, "policies refuse a read", Act.REFUSAL, details=_REFUSAL),
    EventKind.DEPRECATED: EventShape(
        OUTPUT, "the end of a major is announced, or moved", Act.DEPRECATE, details={"until": str}
    ),
    EventKind.RETIRED: EventShape(EITHER, "a major, or a product, ends", Act.RETIRE, details={"announced": str}),
    EventKind.ARCHIVED: EventShape(PRODUCT, "a product takes no more publishes", Act.ARCHIVE, "archived"),
    EventKind.REOPENED: EventShape(PRODUCT, "an archived product takes publishes again", Act.ARCHIVE, "opened"),
    EventKind.RENAMED: EventShape(
        PRODUCT, "a product has a new name", Act.RENAME, details={"formerly": str}, keeps_lineage=True
    ),
    EventKind.NAME_LEFT: EventShape(PRODUCT, "a product has this name no longer", details={"to": str}),
    EventKind.TRANSFER_OFFERED: EventShape(PRODUCT, "a product is offered", Act.TRANSFER, "offered", _TRANSFER),
    EventKind.TRANSFER_ACCEPTED: EventShape(PRODUCT, "a product has a new owner", Act.TRANSFER, "accepted", _TRANSFER),
    EventKind.TRANSFER_WITHDRAWN: EventShape(
        PRODUCT, "an offer is withdrawn or declined", Act.TRANSFER, "withdrawn", _TRANSFER
    ),
    EventKind.SUBSCRIBED: EventShape(PRODUCT, "a principal subscribes", Act.SUBSCRIPTION, "subscribed"),
    EventKind.UNSUBSCRIBED: EventShape(PRODUCT, "a principal unsubscribes", Act.SUBSCRIPTION, "unsubscribed"),
    EventKind.INCIDENT_OPENED: EventShape(EITHER, "an incident is opened", details=_INCIDENT),
    EventKind.INCIDENT_RAISED: EventShape(EITHER, "an incident has a higher severity", details=_INCIDENT),
    EventKind.INCIDENT_ACKNOWLEDGED: EventShape(
        EITHER, "an incident is acknowledged", Act.INCIDENT, "acknowledged", _INCIDENT
    ),
    EventKind.INCIDENT_COMMENTED: EventShape(EITHER, "an incident has a comment", Act.INCIDENT, "commented", _INCIDENT),
    EventKind.INCIDENT_RESOLVED: EventShape(
        EITHER, "an incident is resolved, by hand or because its cause is gone", Act.INCIDENT, "resolved", _INCIDENT
    ),
    EventKind.ALERT_QUEUED: EventShape(
        PRODUCT,
        "a channel is to be sent a message about incidents",
        details={"channel": str, "changes": list, "on_call": str, "url": str},
    ),
    EventKind.CHANNEL_TESTED: EventShape(
        "channel:NAME", "a test message is delivered to a channel", Act.OUTBOX, "test", {"channel": str}
    ),
    EventKind.POLICIES_APPLIED: EventShape(
        "mesh:policies",
        "policies come into force",
        Act.POLICY,
        details={
            "revision": int,
            "file": str,
            "note": str,
            "policies": int,
            "weakened": list,
            "sha256": str,
        },
    ),
    EventKind.WAIVER_REQUESTED: EventShape(
        PRODUCT,
        "a waiver is requested",
        Act.WAIVER,
        "requested",
        {**_EXCEPTION, "about": str, "until": str, "reason": str},
    ),
    EventKind.WAIVER_APPROVED: EventShape(PRODUCT, "a waiver is approved", Act.WAIVER, "approved", _EXCEPTION),
    EventKind.WAIVER_ENDED: EventShape(PRODUCT, "a waiver is declined or ended", Act.WAIVER, "ended", _EXCEPTION),
    EventKind.ANONYMISATION_DECLARED: EventShape(
        OUTPUT,
        "a contract declares a column anonymised",
        Act.ANONYMISATION,
        "declared",
        {"id": int, "column": str, "method": str},
    ),
    EventKind.ANONYMISATION_APPROVED: EventShape(
        OUTPUT, "an anonymisation is approved", Act.ANONYMISATION, "approved", _ANONYMISATION
    ),
    EventKind.ANONYMISATION_REFUSED: EventShape(
        OUTPUT, "an anonymisation is refused, or its approval withdrawn", Act.ANONYMISATION, "refused", _ANONYMISATION
    ),
    EventKind.POLICY_ATTESTED: EventShape(
        PRODUCT,
        "a policy is attested",
        Act.ATTESTATION,
        "given",
        {**_EXCEPTION, "until": str, "evidence": str},
    ),
    EventKind.ATTESTATION_WITHDRAWN: EventShape(
        PRODUCT, "an attestation is withdrawn", Act.ATTESTATION, "withdrawn", _EXCEPTION
    ),
    EventKind.DOMAIN_DEFINED: EventShape(
        "domain:NAME",
        "a domain is defined or changed",
        Act.DOMAIN,
        details={"responsibility": str, "owner": str, "members": list},
    ),
    EventKind.TERM_DEFINED: EventShape(
        "term:NAME",
        "a term of the glossary is defined or changed",
        Act.TERM,
        "defined",
        {"definition": str, "owner": str, "domain": str, "parent": str, "synonyms": list},
    ),
    EventKind.TERM_RETIRED: EventShape("term:NAME", "a term is not to be used any more", Act.TERM, "retired"),
    EventKind.PRINCIPAL_LEFT: EventShape(WHO, "a person has left", Act.OFFBOARD, "gone", {"products": int}),
    EventKind.PRINCIPAL_RETURNED: EventShape(WHO, "a person is back", Act.OFFBOARD, "back", {"products": int}),
    EventKind.PRINCIPAL_ADDED: EventShape(
        WHO, "a principal is recorded", Act.PRINCIPAL, "added", {"kind": str, "acts_for": str}
    ),
    EventKind.PRINCIPAL_DISABLED: EventShape(
        WHO, "a principal is disabled, and its tokens end", Act.PRINCIPAL, "disabled", {"tokens": int}
    ),
    EventKind.PRINCIPAL_ENABLED: EventShape(WHO, "a principal may ask again", Act.PRINCIPAL, "enabled"),
    EventKind.ATTRIBUTES_SET: EventShape(
        WHO,
        "the attributes of a principal are changed",
        Act.PRINCIPAL,
        "attributes set",
        {"set": list, "removed": list},
    ),
    EventKind.MEMBER_ADDED: EventShape(WHO, "a team has a new member", Act.TEAM, "added", {"member": str}),
    EventKind.MEMBER_REMOVED: EventShape(WHO, "a team loses a member", Act.TEAM, "removed", {"member": str}),
    EventKind.ROLE_GRANTED: EventShape(WHO, "a principal gets a role", Act.GRANT, "role granted", _ROLE),
    EventKind.ROLE_REVOKED: EventShape(WHO, "a principal loses a role", Act.GRANT, "role revoked", _ROLE),
    EventKind.TOKEN_CREATED: EventShape(
        WHO,
        "a token is created",
        Act.TOKEN,
        "created",
        {
            **_TOKEN,
            "role": str,
            "team": str,
            "verbs": list,
            "domains": list,
            "read_only": bool,
            "expires": str,
        },
    ),
    EventKind.TOKEN_REVOKED: EventShape(WHO, "a token is revoked", Act.TOKEN, "revoked", _TOKEN),
    EventKind.SIGNED_IN: EventShape(
        WHO, "a person or the owner of the home signs in", Act.SIGN_IN, "signed in", {"how": str, **_COUNTS}
    ),
    EventKind.SIGN_IN_FAILED: EventShape(
        WHO,
        "a token, a code or an account of a principal is not accepted",
        Act.SIGN_IN,
        "failed",
        {"how": str, "reason": str, **_COUNTS},
    ),
    EventKind.SIGNED_OUT: EventShape(WHO, "a session is ended by its principal", Act.SIGN_IN, "signed out", _COUNTS),
    EventKind.REQUEST_DENIED: EventShape(
        WHO,
        "a verified principal is denied a request",
        Act.DENIAL,
        details={"action": str, "resource": str, "reason": str, **_COUNTS},
    ),
    EventKind.OWNER_CLAIMED: EventShape(WHO, "an owner address has a holder", Act.GRANT, "claimed", {"address": str}),
    EventKind.OWNER_RELEASED: EventShape(
        WHO, "an owner address has no holder any more", Act.GRANT, "released", {"address": str}
    ),
    EventKind.ACCESS_REQUESTED: EventShape(OUTPUT, "a principal requests access", Act.ACCESS, "requested", _ACCESS),
    EventKind.ACCESS_APPROVED: EventShape(
        OUTPUT,
        "a request for access is approved, in part or whole",
        Act.ACCESS,
        "approved",
        {**_GRANTED, "capacity": str, "personal_data": bool},
    ),
    EventKind.ACCESS_DENIED: EventShape(
        OUTPUT, "a request for access is denied", Act.ACCESS, "denied", {**_ACCESS, "capacity": str}
    ),
    EventKind.ACCESS_WITHDRAWN: EventShape(
        OUTPUT, "a request for access is taken back", Act.ACCESS, "withdrawn", _ACCESS
    ),
    EventKind.ACCESS_REVOKED: EventShape(
        OUTPUT,
        "a grant ends before its time: by hand, or because its output is retired or its holder has left",
        Act.ACCESS,
        "revoked",
        {**_GRANTED, "why": str},
    ),
    EventKind.ACCESS_NARROWED: EventShape(
        OUTPUT,
        "a grant is narrowed to the columns that were read",
        Act.ACCESS,
        "narrowed",
        {**_GRANTED, "replaces": str, "columns": list},
    ),
    EventKind.GLASS_BROKEN: EventShape(
        OUTPUT,
        "a person takes access in an emergency",
        Act.ACCESS,
        "glass broken",
        {**_GRANTED, "until": str, "reason": str, "incident": int},
    ),
    EventKind.FILES_COLLECTED: EventShape(
        "mesh:files", "`gc` removes files", Act.RETENTION, details={"files": int, "bytes": int}, prepares=True
    ),
    EventKind.METADATA_REPAIRED: EventShape(
        OUTPUT, "metadata of a version is rewritten", Act.REPAIR, details={"version": int, "files": list}
    ),
    EventKind.RECORD_REBUILT: EventShape(
        "mesh:", "the record is rebuilt from the tables", Act.REPAIR, details={"outputs": int, "versions": int}
    ),
    EventKind.BACKUP_WRITTEN: EventShape("mesh:", "a backup begins", Act.BACKUP, details={"folder": str, "keys": bool}),
    EventKind.BACKUP_RESTORED: EventShape(
        "mesh:",
        "the home is restored from a backup",
        Act.RESTORE,
        details={"folder": str, "of": str, "keys": bool, "erased": int},
    ),
    EventKind.OUTBOX_RETRIED: EventShape(
        "mesh:outbox", "refused messages are to be sent again", Act.OUTBOX, "retry", {"refused": int}
    ),
}
"""Every kind. Details whose value is None are left out; moments are text, ISO 8601 in UTC."""
