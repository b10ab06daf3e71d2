"""One line of JSON for each request, without secrets, values or SQL."""

from __future__ import annotations

import json
import re
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO
from uuid import uuid4

from data_platform.record.catalog.redirects import Redirect

_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(slots=True)
class RequestFacts:
    """What is noted of one request while it is answered."""

    request_id: str
    method: str
    route: str = ""
    verb: str | None = None
    principal: str | None = None
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    started: float = field(default_factory=time.perf_counter)
    error: str | None = None
    trace: list[str] | None = None
    redirects: list[Redirect] = field(default_factory=list)
    """The former names of products that the request uses."""

    @property
    def seconds(self) -> float:
        """The time since the request came."""
        return time.perf_counter() - self.started


def choose_request_id(given: str | None) -> str:
    """The caller's id where it is a plain word, else a new one."""
    return given if given and _SANE.fullmatch(given) else uuid4().hex


def write_log(facts: RequestFacts, out: TextIO | None = None) -> None:
    """Writes the line of a request that was answered."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": facts.request_id,
        "method": facts.method,
        "route": facts.route,
        "verb": facts.verb,
        "principal": facts.principal,
        "status": facts.status,
        "ms": round(facts.seconds * 1000, 1),
        "bytes_in": facts.bytes_in,
        "bytes_out": facts.bytes_out,
        "error": facts.error,
        "trace": facts.trace,
    }
    text = json.dumps({name: value for name, value in line.items() if value is not None})
    print(text, file=out or sys.stderr, flush=True)


def describe_trace(error: BaseException) -> list[str]:
    """Where an unexpected error came from, without its message, which may quote a value."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
