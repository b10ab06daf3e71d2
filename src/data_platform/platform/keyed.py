"""A transport that sends an idempotency key with every request that writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from data_platform.errors import BadInput
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS

if TYPE_CHECKING:
    from data_platform.platform.transport import Transport

T = TypeVar("T")


class Keyed:
    """Another transport with keys: `key` for the first request that writes, then `key/2`, `key/3` and so on."""

    def __init__(self, transport: Transport, key: str) -> None:
        self._transport, self._key = transport, key
        self._written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def call(self, request: Request[T], attachments: Attachments = NOTHING) -> T:
        """The answer, which is the first one for a key that came before."""
        kind = type(request).__name__
        if kind == "StartRun":
            raise BadInput("a run takes no idempotency key", hint="a pipeline may read other data by now")
        if kind in VERBS and VERBS[kind].writes:
            self._written += 1
            key = self._key if self._written == 1 else f"{self._key}/{self._written}"
            attachments = replace(attachments, idempotency_key=key)
        return self._transport.call(request, attachments)
