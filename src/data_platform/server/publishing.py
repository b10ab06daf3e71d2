"""A publish: its data goes from the socket to the stage while it arrives."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from data_platform.access.actions import Resource
from data_platform.errors import TooLarge
from data_platform.server.answers import Choose
from data_platform.server.bodies.documents import media_type_of
from data_platform.server.bodies.handover import BodyFailed, Handover
from data_platform.server.bodies.incoming import CallerGone, IncomingBody, check_length, too_large
from data_platform.server.bodies.unpacking import DATA_CODINGS, read_coding
from data_platform.server.bodies.uploads import check_upload_type, read_upload
from data_platform.server.calling import Calling, read_path
from data_platform.server.events import OnProgress
from data_platform.server.parts import Arrival, ServedCall
from data_platform.server.problem_replies import HttpProblem
from data_platform.server.raw_paths import read_query
from data_platform.server.replies import Reply
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.authorization.authorize import authorize_role
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.wire.http_calls import decode_call


async def answer_publish(
    calling: Calling, arrival: Arrival, http: HttpRequest, choose: Choose, on_progress: OnProgress
) -> Reply:
    """The reply to a call whose body is data. None of it is read for a caller whose role does not suffice."""
    largest = calling.parts.mesh.settings.server.upload_mb << 20
    check_length(http.headers, largest)
    path = read_path(http)
    target = Resource.of(path["product"], path["output"])
    authorize_role(calling.make_context(http, arrival, NOTHING), arrival.verb.action, target)
    with calling.uploads.take(arrival.principal.name):
        return await _receive_and_publish(calling, arrival, http, choose, on_progress, largest)


async def _receive_and_publish(
    calling: Calling, arrival: Arrival, http: HttpRequest, choose: Choose, on_progress: OnProgress, largest: int
) -> Reply:
    handover = Handover()
    writing = asyncio.create_task(_receive(IncomingBody(http.receive), handover, largest))
    try:
        call = partial(_publish, calling, arrival, http, choose, handover, on_progress)
        return await calling.finish(call, calling.uploads.limiter)
    except BodyFailed as failure:
        raise failure.reason from None
    finally:
        handover.abandon()
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


def check_publish(http: HttpRequest) -> None:
    """Raises HttpProblem for a body that is no data, or in another coding, before any of it is read."""
    check_upload_type(media_type_of(http.headers))
    read_coding(http.headers, DATA_CODINGS)


async def _receive(body: IncomingBody, handover: Handover, largest: int) -> None:
    """Passes the body on until nobody reads it; what ends it too early, or is too large, is passed on too."""
    try:
        async for chunk in body:
            if body.size > largest:
                raise too_large(largest)
            if not await handover.write(chunk):
                return
    except (CallerGone, ClientDisconnect, HttpProblem, TooLarge) as failure:
        handover.end(failure)
    else:
        handover.end()


def _publish(
    calling: Calling,
    arrival: Arrival,
    http: HttpRequest,
    choose: Choose,
    handover: Handover,
    on_progress: OnProgress,
) -> Reply:
    headers = http.headers
    codec = read_coding(headers, DATA_CODINGS)
    upload = read_upload(headers.get("content-type", ""), codec, iter(handover))
    query = read_query(http.scope["query_string"])
    request = decode_call(arrival.verb, read_path(http), query, upload.fields)
    with ExitStack() as stack:

        def proceed() -> Reply:
            call.context.attachments = replace(attachments, data=upload.open(stack))
            return choose(call.context, dispatch(call.context, request))

        attachments = Attachments(
            None, on_progress, idempotency_key=calling.read_key(http), digest_data=upload.digest_rest
        )
        call = ServedCall(arrival, request, calling.make_context(http, arrival, attachments))
        return calling.pass_guards(call, proceed)
