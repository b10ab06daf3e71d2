"""A publish: its data goes from the socket to the stage, and its progress back to the caller."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from functools import partial

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from data_platform.server.answers import Choose, choose_answer
from data_platform.server.bodies.documents import media_type_of
from data_platform.server.bodies.handover import BodyFailed, Handover
from data_platform.server.bodies.incoming import CallerGone, IncomingBody
from data_platform.server.bodies.uploads import choose_upload, open_upload
from data_platform.server.calling import Calling, read_path
from data_platform.server.parts import Arrival, ServedCall
from data_platform.server.problem_replies import HttpProblem
from data_platform.server.raw_paths import read_query
from data_platform.server.replies import Reply
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.verb import Verb
from data_platform.verbs.wire.http_calls import decode_call


async def answer_publish(calling: Calling, verb: Verb, http: HttpRequest) -> Reply:
    """The reply to a call whose body is data."""
    arrival = await calling.admit(verb, http)
    choose = choose_answer(verb, http)
    media_type = choose_upload(media_type_of(http.headers))
    handover = Handover()
    writing = asyncio.create_task(_receive(IncomingBody(http.receive), handover))
    try:
        call = partial(_publish, calling, arrival, http, choose, media_type, handover)
        return await calling.finish(call, calling.uploads)
    except BodyFailed as failure:
        raise failure.reason from None
    finally:
        handover.abandon()
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing


async def _receive(body: IncomingBody, handover: Handover) -> None:
    """Passes the body on until nobody reads it; what ends it too early is passed on too."""
    try:
        async for chunk in body:
            if not await handover.write(chunk):
                return
    except (CallerGone, ClientDisconnect, HttpProblem) as failure:
        handover.end(failure)
    else:
        handover.end()


def _publish(
    calling: Calling, arrival: Arrival, http: HttpRequest, choose: Choose, media_type: str, handover: Handover
) -> Reply:
    request = decode_call(arrival.verb, read_path(http), read_query(http.scope["query_string"]))
    with ExitStack() as stack:

        def proceed() -> Reply:
            data = open_upload(media_type, iter(handover), stack)
            call.context.attachments = Attachments(data)
            return choose(call.context, dispatch(call.context, request))

        call = ServedCall(arrival, request, calling.make_context(http, arrival))
        return calling.pass_guards(call, proceed)
