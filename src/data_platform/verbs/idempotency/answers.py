"""The answer of a request with a key: the first one, whoever asks again.

What is remembered is what was done. An answer is stored; so is a refusal that was recorded, because it is an act too.
A request that failed before it did anything leaves its key free, whether its input was bad or the disk was full.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4

from data_platform.access.actions import Action, Resource
from data_platform.errors import AnswerLost, BadInput, DataPlatformError, KeyReused, Refused
from data_platform.record.catalog import redirects
from data_platform.record.operations import idempotency
from data_platform.record.operations.idempotency import KeyRow
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.claim import Claim
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.idempotency.claims import claim_key, renewed
from data_platform.verbs.idempotency.data_digests import digest_path, is_path
from data_platform.verbs.idempotency.outcomes import encode_outcome
from data_platform.verbs.registry import VERBS
from data_platform.verbs.verb import Scope, Verb
from data_platform.verbs.wire.errors import decode_error
from data_platform.verbs.wire.form import Json
from data_platform.verbs.wire.messages import decode_answer, encode_request, write_json

_OF_PRODUCTS = frozenset([Action.RESPOND, Action.ATTEST, Action.RUN, Action.REQUEST_ACCESS, Action.DECIDE_ACCESS])
"""What is done to a row of a product, and decided about the product."""
_KEY = re.compile(r"[!-~]{1,255}")


def answer_once(context: Context, request: Request[Any], key: str, run: Callable[[], Any]) -> Any:
    """What `run` answers, or what it answered or raised when the request first came with the key.

    Raises KeyReused, KeyInUse; AnswerLost for a request that was carried out by a process that then ended.
    """
    if not _KEY.fullmatch(key):
        raise BadInput("an idempotency key has 1 to 255 visible ASCII characters", hint="such as a UUID")
    verb, digest_data = type(request).__name__, _find_digest(context.attachments)
    now = context.clock()
    row = KeyRow(context.principal.name, key, verb, _digest_request(request), uuid4().hex, now, now)
    earlier = claim_key(context, row)
    if earlier is not None:
        answer = _repeat_answer(earlier, digest_data)
        _authorize_answer(context, VERBS[verb], answer)
        return answer
    context.claim = claim = Claim(verb, row.holder, digest_data)
    with renewed(context, claim):
        return _run_claimed(context, claim, run)


def _run_claimed(context: Context, claim: Claim, run: Callable[[], Any]) -> Any:
    """Runs it, and settles the key. An act that is done stays done where its answer cannot be stored."""
    try:
        answer = run()
    except BaseException as error:
        with suppress(DataPlatformError):
            if not _release(context, claim) and isinstance(error, Refused):
                _store(context, claim, error)
        raise
    if not _is_committed(claim, answer):
        with suppress(DataPlatformError):
            _store(context, claim, answer)
    return answer


def _is_committed(claim: Claim, answer: Any) -> bool:
    """Whether the transaction of the act has stored this answer, and the digest of the data."""
    return answer is not None and answer == claim.outcome and (claim.digest_data is None) == (claim.data_digest is None)


def _release(context: Context, claim: Claim) -> bool:
    with context.record.transaction() as tx:
        return idempotency.release(tx, claim.holder)


def _store(context: Context, claim: Claim, outcome: object) -> None:
    claim.close_data()
    stored = None if VERBS[claim.verb].secret else encode_outcome(claim.verb, outcome)
    with context.record.transaction() as tx:
        idempotency.finish(tx, claim.holder, stored, claim.data_digest)


def _repeat_answer(earlier: KeyRow, digest_data: Callable[[], str] | None) -> Any:
    """What came of the request before; raises KeyReused where the data beside it was other data."""
    if earlier.data_digest is not None and (digest_data is None or digest_data() != earlier.data_digest):
        raise KeyReused(
            f"the idempotency key {earlier.key!a} came before with other data", hint="send new data with a new key"
        )
    stored = cast("dict[str, Json] | None", earlier.answer)
    if stored is None:
        entry = f", as entry {earlier.entry} of the audit log" if earlier.entry else ""
        raise AnswerLost(
            f"the request with the idempotency key {earlier.key!a} was carried out{entry}; its answer is not kept",
            hint="see what it did: data-platform audit" if entry else None,
        )
    if "error" in stored:
        raise decode_error(stored["error"])
    return decode_answer(earlier.verb, stored["answer"])


def _authorize_answer(context: Context, verb: Verb, answer: Any) -> None:
    """Raises AccessDenied or NotFound where a verb that authorises rows itself answered about what is denied by now."""
    if verb.scope is not Scope.ROW or context.principal.local:
        return
    rows = [answer, *getattr(answer, "outputs", ())]
    products = dict.fromkeys(product for row in rows if isinstance(product := getattr(row, "product", None), str))
    with context.record.reading() as conn:
        for product in products:
            action = verb.action if verb.action in _OF_PRODUCTS else Action.READ
            authorize(context, action, Resource.of(redirects.resolve_name(conn, product)), conn)


def _digest_request(request: Request[Any]) -> str:
    parts: list[Json] = [type(request).__name__, encode_request(request)]
    return sha256(write_json(parts)).hexdigest()


def _find_digest(attachments: Attachments) -> Callable[[], str] | None:
    """The function that digests the data; raises BadInput for data whose bytes cannot be compared."""
    data = attachments.data
    if data is None or attachments.digest_data is not None:
        return attachments.digest_data
    if not is_path(data):
        raise BadInput(
            "data in memory has no bytes that a retry could be compared with",
            hint="with an idempotency key, publish a file",
        )
    return lambda: digest_path(data)
