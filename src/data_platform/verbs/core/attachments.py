"""What goes beside a request: data, the events of its progress, and senders of the caller's own process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data_platform.engine.interruption import Interruption
from data_platform.errors import BadInput
from data_platform.spec.text.names import quote_value

Sender = Callable[[Mapping[str, Any]], None]
"""Sends one event; raises NotDelivered or NotAccepted."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One event of a call: the step that it has reached, and how much of the step is done, of `total` if that is known.

    The steps of a publish are registered, leased, staging, staged, audited, prepared, swapped, recorded and promoted;
    they count rows, and audited counts rules. A check of the audit log has the step verified, which counts entries.
    """

    step: str
    done: int
    total: int | None = None


def ignore_progress(progress: Progress) -> None:
    """Does nothing with an event."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """What goes beside a request, and is no part of its JSON form.

    `data` is what a publish takes: an Arrow stream, or in the mesh's own process whatever `tables.intake` reads.
    `on_progress` takes the events of the call. `senders` are by the destination of the outbox; a mesh in another
    process has its own.

    A request with the same `idempotency_key` of the same caller is carried out once. `digest_data` answers the SHA-256
    of the bytes of `data`, in hex, and reads what is left of them; data that is a file needs none. `interruption` ends
    the queries of the call.
    """

    data: Any = field(default=None, repr=False)
    on_progress: Callable[[Progress], None] = field(default=ignore_progress, repr=False)
    senders: Mapping[str, Sender] = field(default_factory=dict, repr=False)
    idempotency_key: str | None = None
    digest_data: Callable[[], str] | None = field(default=None, repr=False)
    interruption: Interruption | None = field(default=None, repr=False)


NOTHING = Attachments()
"""For a request that has nothing beside it."""


def check_attachments(attachments: Attachments) -> None:
    """Raises BadInput for senders that are no functions by destination, and for a listener that is no function."""
    senders: object = attachments.senders
    if not isinstance(senders, Mapping) or not all(isinstance(key, str) for key in senders):
        raise BadInput(f"senders must be a mapping by destination, and not {quote_value(senders)}")
    for destination, send in senders.items():
        check_function(f"the sender of {destination}", send)
    check_function("on_progress", attachments.on_progress)


def check_function(name: str, value: object) -> None:
    """Raises BadInput for what cannot be called."""
    if not callable(value):
        raise BadInput(f"{name} must be a function, and not {quote_value(value)}")
