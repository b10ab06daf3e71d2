"""A pipeline: a function that builds one output, and what it read while it ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from data_platform.engine.origin import Origin
from data_platform.spec.rules.model import Rule

Build = Callable[[], Any]

_consumed: ContextVar[dict[Origin, frozenset[str]] | None] = ContextVar("consumed", default=None)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`build` makes the rows of `output`; `schedule` is a cron expression, `expectations` are judged on every run."""

    output: str
    build: Build
    schedule: str | None = None
    expectations: tuple[Rule, ...] = ()


@contextmanager
def track_reads() -> Iterator[dict[Origin, frozenset[str]]]:
    """Collects what is consumed within: the lineage of a result that carries none itself."""
    consumed: dict[Origin, frozenset[str]] = {}
    token = _consumed.set(consumed)
    try:
        yield consumed
    finally:
        _consumed.reset(token)


def list_consumed() -> frozenset[Origin]:
    """What the running pipeline has read so far; nothing outside of one."""
    return frozenset(_consumed.get() or ())


def record_consumed(origin: Origin) -> None:
    """Notes that the running pipeline, if there is one, reads `origin`."""
    consumed = _consumed.get()
    if consumed is not None:
        consumed.setdefault(origin, frozenset())
