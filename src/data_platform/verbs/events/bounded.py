"""Outcomes that a caller can bring about at will: they become entries only so often that nobody fills a disk."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from data_platform.access.actions import Action, Resource
from data_platform.errors import DataPlatformError, RecordFailed
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Principal
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes

_LONGEST = 300


def record_denial(context: Context, denial: DataPlatformError, action: Action | str, resource: Resource | str) -> None:
    """Records that a principal was denied something: what it asked for, and why.

    Who opened the home could do it with its files, and nobody has verified the name: that leaves no entry.
    """
    if context.principal.verified or context.door == SERVER_DOOR:
        details = {"action": str(action), "resource": _cut(str(resource)), "reason": _cut(denial.message)}
        subject = Subject(f"principal:{context.principal.name}")
        _record_bounded(context, ActOutcome(EventKind.REQUEST_DENIED, subject, details))


def record_sign_in(mesh: Mesh, who: Principal, how: str) -> None:
    """Records that a person, or the owner of the home, signed in: by a one-time `link`, a `provider`, a `command`."""
    _record_bounded(_make_context(mesh, who), ActOutcome(EventKind.SIGNED_IN, _subject_of(who), {"how": how}))


def record_failed_sign_in(mesh: Mesh, name: str, how: str, reason: str) -> None:
    """Records that somebody failed to sign in as a principal that there is. The secret that was shown is not kept."""
    who = Principal(name)
    details = {"how": how, "reason": _cut(reason)}
    _record_bounded(_make_context(mesh, who), ActOutcome(EventKind.SIGN_IN_FAILED, _subject_of(who), details))


def record_sign_out(mesh: Mesh, who: Principal) -> None:
    """Records that a session was ended by who it belongs to."""
    _record_bounded(_make_context(mesh, who), ActOutcome(EventKind.SIGNED_OUT, _subject_of(who)))


def _record_bounded(context: Context, outcome: ActOutcome) -> None:
    """Records an outcome in a transaction of its own, unless it is only counted.

    A record that cannot be written changes nothing for the caller, who is denied all the same.
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
        # a context of its own: the entry settles no idempotency key of the request
        record_outcomes(Context(context.mesh, context.caller, context.request_id), tx, entry)


def _make_context(mesh: Mesh, who: Principal) -> Context:
    return Context(mesh, Caller(who, door=SERVER_DOOR))


def _subject_of(who: Principal) -> Subject:
    return Subject(f"principal:{who.name}")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
