"""Outcomes that a caller can cause at will: their audit entries are limited, so that no caller can fill a disk."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from data_platform.access.actions import Action, Resource
from data_platform.errors import RecordFailed
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Principal
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes

_LONGEST = 300


def record_denial(context: Context, reason: str, action: Action | str, resource: Resource | str) -> None:
    """Records that a principal was denied a request: what it asked for, and why.

    Nothing is recorded of a caller that opened the home: its name is not verified, and it can use the files directly.
    """
    if context.principal.verified or context.door == SERVER_DOOR:
        details = {"action": str(action), "resource": _cut(str(resource)), "reason": _cut(reason)}
        subject = Subject(f"principal:{context.principal.name}")
        _record_bounded(context, ActOutcome(EventKind.REQUEST_DENIED, subject, details))


def record_sign_in(mesh: Mesh, who: Principal, how: str) -> None:
    """Records that a person, or the owner of the home, signed in: by a one-time `link`, a `provider`, a `command`."""
    _record_bounded(_make_context(mesh, who), ActOutcome(EventKind.SIGNED_IN, _subject_of(who), {"how": how}))


def record_failed_sign_in(mesh: Mesh, name: str, how: str, reason: str) -> None:
    """Records a failed sign-in as a known principal. The secret that was presented is not kept."""
    who = Principal(name)
    details = {"how": how, "reason": _cut(reason)}
    _record_bounded(_make_context(mesh, who), ActOutcome(EventKind.SIGN_IN_FAILED, _subject_of(who), details))


def record_sign_out(mesh: Mesh, who: Principal) -> None:
    """Records that a principal ended its session."""
    _record_bounded(_make_context(mesh, who), ActOutcome(EventKind.SIGNED_OUT, _subject_of(who)))


def _record_bounded(context: Context, outcome: ActOutcome) -> None:
    """Records an outcome in its own transaction; above the limit it is only counted.

    If the record cannot be written, the caller gets the same answer.
    """
    if context.record.read_only:
        return
    kind = (outcome.kind, *sorted(outcome.details.items()))
    admission = context.mesh.entry_limit.admit(context.principal.name, kind, context.clock())
    if admission is None:
        return
    counts = {"count": admission.count if admission.count > 1 else None, "others": admission.others or None}
    entry = replace(outcome, details={**outcome.details, **counts})
    with suppress(RecordFailed), context.record.transaction() as tx:
        # a new context, so that the entry does not settle the idempotency key of the request
        record_outcomes(Context(context.mesh, context.caller, context.request_id), tx, entry)


def _make_context(mesh: Mesh, who: Principal) -> Context:
    return Context(mesh, Caller(who, door=SERVER_DOOR))


def _subject_of(who: Principal) -> Subject:
    return Subject(f"principal:{who.name}")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
