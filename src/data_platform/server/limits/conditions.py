"""Conditional writes: `If-Match` with the revision of a contract, the policies or a domain (RFC 9110, 13.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from data_platform.errors import BadInput, ContractMoved
from data_platform.server.problem_replies import HttpProblem
from data_platform.verbs.verb import Verb

REVISED = frozenset(["ApplyPolicies", "DefineDomain", "Register"])
"""The verbs whose `after` is a revision, and whose answers have the new one."""
_REVISION = re.compile(r'"(0|[1-9][0-9]{0,17})"')
_ANY = "*"


def apply_if_match(verb: Verb, request: Any, header: str | None) -> Any:
    """The request with its condition; raises HttpProblem for a tag that no revision has, and BadInput for two."""
    if header is None or verb.request not in REVISED or header.strip() == _ANY:
        return request
    if "," in header:
        raise BadInput("If-Match has more than one tag", hint="send that of the revision that you have changed")
    match = _REVISION.fullmatch(header.strip())
    if match is None:
        raise HttpProblem(412, "no revision has that tag", hint='a revision has the tag of its number, such as "7"')
    return replace(request, after=int(match[1]))


@contextmanager
def precondition(header: str | None) -> Iterator[None]:
    """Answers 412 where the revision of the header is not the present one."""
    try:
        yield
    except ContractMoved as error:
        if header is None:
            raise
        failed = HttpProblem(412, error.message)
        failed.error = error
        raise failed from None
