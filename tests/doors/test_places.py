"""What is kept or written beside the answers: the record, the outbox, files of the home and the log of requests."""

from __future__ import annotations

import json
from unittest.mock import patch

from starlette.routing import Route

from data_platform.server.app import ServerApp
from data_platform.server.operations import list_operations
from data_platform.server.parts import ServerParts
from data_platform.server.portal.actions.table import ACTIONS
from data_platform.server.portal.pages.table import PAGES
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.results.reading import QueryTicket, ReadTicket
from data_platform.verbs.wire.http_calls import PREFIX
from data_platform.verbs.wire.messages import answer_type
from tests.doors.mesh import ACCESS, PERSONAL, Doors
from tests.doors.readers import ROW_DOORS
from tests.doors.test_facts import ROW_VERBS, list_canaries
from tests.doors.test_rows import open_door

CANARIES = {f"{product}: {what}": form for product in ACCESS for what, form in list_canaries(product, PERSONAL).items()}


def test_no_file_of_the_home_holds_personal_data(doors: Doors) -> None:
    """The record with its log, events and outbox, tables, indexes and logs of runs."""
    files = [path for path in doors.mesh.home.path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    for path in files:
        content = path.read_bytes()
        leaks = [what for what, form in CANARIES.items() if form.encode() in content]
        assert not leaks, path


def test_the_log_of_requests_holds_no_value_and_no_token(doors: Doors) -> None:
    with patch("data_platform.server.door.write_log") as log:
        for door in ROW_DOORS:
            for who in ("owner", "european", "consumer"):
                open_door(doors, door, who, "readers")
    written = json.dumps([[str(part) for part in (*call.args, *call.kwargs.values())] for call in log.call_args_list])
    assert log.call_count
    assert not [what for what, form in CANARIES.items() if form in written]
    assert not [who for who, token in doors.tokens.items() if token in written]


def test_every_verb_that_hands_out_rows_is_compared() -> None:
    """A verb whose answer names a stream of rows belongs to the doors of readers.py."""
    rows = {name for name in VERBS if answer_type(load_request(name)) in (ReadTicket, QueryTicket)}
    assert rows == ROW_VERBS


def test_every_route_is_that_of_a_verb_or_a_page_or_tells_nothing_of_products(doors: Doors) -> None:
    app = ServerApp(ServerParts(doors.mesh, lambda token: None))
    paths = {route.path for route in app.router.routes if isinstance(route, Route)}
    silent = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/static/{digest}/{name}", "/preferences"}
    verbs = {PREFIX + path for path in list_operations()}
    assert paths == verbs | silent | set(PAGES) | set(ACTIONS) | {"/{path:path}"}
