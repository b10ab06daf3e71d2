"""outbox: messages that wait for delivery are listed, sent, and retried.

A message holds the events of one happening. It is claimed, sent, and then taken out, each in a transaction of its own:
a crash in between sends it again (at least once), and while it waits nothing younger of its key leaves (in order).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal, NamedTuple

from data_platform.errors import BadInput, Unavailable
from data_platform.record.operations import outbox
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.outbox import Message
from data_platform.verbs.core.attachments import Sender
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.destinations import build_messages
from data_platform.verbs.events.outcomes import OUTBOX, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import Delivered, OutboxInfo

CLAIM = timedelta(minutes=10)
"""How long a process holds the messages that it claimed: after a crash they are sent again by then."""

_BATCH = 20
_PATIENCE = 3
"""Failures in a row after which a destination is left alone until the next round."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=15)
_LONGEST_ASKED = timedelta(hours=1)
_jitter = random.SystemRandom()


class NotDelivered(Unavailable):
    """The destination cannot take it now; `retry_after` is the wait that it requested."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class NotAccepted(BadInput):
    """The destination will never take this event, for what it says."""


class _Outcome(NamedTuple):
    """How one message fared, and why it was not taken."""

    kind: Literal["sent", "failed", "refused"]
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Outbox(Request[list[OutboxInfo]]):
    """What waits, by destination."""


@dataclass(frozen=True, slots=True)
class Deliver(Request[Delivered]):
    """Send what is due, `most` messages at most; the caller passes a sender for each destination."""

    most: int = 10_000


@dataclass(frozen=True, slots=True)
class TryAgain(Request[int]):
    """Make everything due now, messages too that their destination refused; answers how many of those there were."""


def show_outbox(context: Context, request: Outbox) -> list[OutboxInfo]:
    """What each destination has not taken yet, since when, and why."""
    with context.record.reading() as conn:
        return [
            OutboxInfo(
                waiting.destination,
                waiting.messages,
                waiting.oldest,
                waiting.next_try,
                waiting.refused,
                waiting.error,
                {refusal.reason: refusal.messages for refusal in waiting.refusals},
            )
            for waiting in outbox.list_waiting(conn)
        ]


def retry_outbox(context: Context, request: TryAgain) -> int:
    """Makes every message due now; returns how many had been refused."""
    with context.record.transaction() as tx:
        again = outbox.try_again(tx, context.clock())
        record_outcomes(context, tx, ActOutcome(EventKind.OUTBOX_RETRIED, OUTBOX, {"refused": again}))
        return again


def deliver(context: Context, request: Deliver) -> Delivered:
    """One round over all destinations; what fails waits for a later one, ever longer. Raises nothing of a sender."""
    outcomes = [
        (destination, outcome)
        for destination, send in context.attachments.senders.items()
        for outcome in _deliver_to(context, destination, send, request.most)
    ]
    tally = Counter(outcome.kind for _, outcome in outcomes)
    cause = next((f"{destination}: {outcome.cause}" for destination, outcome in outcomes if outcome.cause), None)
    with context.record.reading() as conn:
        rest = outbox.list_waiting(conn)
    failing = [backlog for backlog in rest if backlog.error]
    cause = cause or next((f"{backlog.destination}: {backlog.error}" for backlog in failing), None)
    next_try = min((backlog.next_try for backlog in failing if backlog.next_try), default=None)
    waiting = sum(backlog.messages for backlog in rest)
    return Delivered(tally["sent"], tally["failed"], tally["refused"], waiting, cause, next_try)


def _deliver_to(context: Context, destination: str, send: Sender, most: int) -> list[_Outcome]:
    outcomes: list[_Outcome] = []
    while (patience := _PATIENCE - _count_last_failures(outcomes)) > 0 and len(outcomes) < most:
        now = context.clock()
        with context.record.transaction() as tx:
            messages = outbox.claim(tx, destination, now, now + CLAIM, min(_BATCH, most - len(outcomes)))
        if not messages:
            break
        outcomes += _send_messages(context, messages, send, now + CLAIM / 2, patience)
    return outcomes


def _count_last_failures(outcomes: Sequence[_Outcome]) -> int:
    """How many at the end failed in a row."""
    return sum(1 for _ in takewhile(lambda outcome: outcome.kind == "failed", reversed(outcomes)))


def _send_messages(
    context: Context, messages: Sequence[Message], send: Sender, until: datetime, patience: int
) -> list[_Outcome]:
    """Tries one message after the other while the claim surely holds, and gives up the claim on the rest."""
    outcomes: list[_Outcome] = []
    try:
        for message in messages:
            if context.clock() > until or _count_last_failures(outcomes) >= patience:
                break
            outcomes.append(_send(context, message, send))
    finally:
        rest = [message.id for message in messages[len(outcomes) :]]
        if rest:
            with context.record.transaction() as tx:
                outbox.release(tx, rest)
    return outcomes


def _send(context: Context, message: Message, send: Sender) -> _Outcome:
    """Sends every event of the message; one that is refused does not keep back those after it."""
    refusals, messages = [], build_messages(context.settings, message.destination, message.event)
    try:
        for content in messages:
            try:
                send(content)
            except NotAccepted as refusal:
                refusals.append(refusal.message)
    except NotDelivered as error:
        due = context.clock() + _calculate_wait(message.attempts, error.retry_after)
        with context.record.transaction() as tx:
            outbox.record_failure(tx, message.id, due, error.message)
        return _Outcome("failed", error.message)
    with context.record.transaction() as tx:
        if not refusals:
            outbox.remove_delivered(tx, message.id)
            return _Outcome("sent")
        cause = f"{len(refusals)} of {len(messages)} events: {refusals[0]}"
        outbox.record_refusal(tx, message.id, context.clock(), cause)
        return _Outcome("refused", cause)


def _calculate_wait(attempts: int, requested: timedelta | None) -> timedelta:
    """Twice as long after each try, a quarter of an hour at most, and at least what the destination requested.

    Up to half of it is left to chance, so that many senders do not come back all at once.
    """
    longest = min(_FIRST_WAIT * (1 << min(attempts, 20)), _LONGEST_WAIT)
    return max(longest * _jitter.uniform(0.5, 1.0), min(requested or timedelta(0), _LONGEST_ASKED))
