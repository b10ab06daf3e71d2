"""A server in a thread of the test, and requests to it."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import uvicorn

from data_platform import Platform
from data_platform.platform import InProcess
from data_platform.server.app import ServerApp
from data_platform.server.parts import ServerParts
from data_platform.server.process.protocol import LimitedProtocol
from data_platform.settings import Principal
from data_platform.verbs.core.mesh import Mesh

TOKEN = "a-token"
ARROW = "application/vnd.apache.arrow.stream"
OWNER = Principal("owner@example.org", verified=True, local=True)
ORDERS = """name: orders
domain: sales
owner: owner@example.org
description: Orders
outputs:
- name: t
  schema: t.json
"""
SCHEMA = json.dumps({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}})


def make_parts(mesh: Mesh, **parts: Any) -> ServerParts:
    """The parts of a server that knows one token, of a caller who may do everything."""
    return ServerParts(mesh, lambda token: OWNER if token == TOKEN else None, **parts)


@contextmanager
def serve(app: ServerApp) -> Iterator[str]:
    """The URL of a server of the app."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", http=LimitedProtocol, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def open_server(home: Path, **parts: Any) -> Iterator[httpx.Client]:
    """A client of a server of its own over the mesh in `home`."""
    with Platform.open(home, make=True) as platform:
        transport = platform._transport
        assert isinstance(transport, InProcess)
        with serve(ServerApp(make_parts(transport.context().mesh, **parts))) as url, make_client(url) as client:
            yield client


def make_client(url: str, token: str = TOKEN) -> httpx.Client:
    """A client with a token; it knows the API's prefix."""
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def register(client: httpx.Client, text: str = ORDERS, schema: str = SCHEMA) -> httpx.Response:
    """Registers a product; orders by default."""
    name = text.partition("name: ")[2].partition("\n")[0]
    file = {"path": "product.yaml", "text": text, "schemas": {"t.json": schema}}
    return client.put(f"/products/{name}/contract", json={"file": file})


def publish(client: httpx.Client, rows: list[dict[str, Any]], product: str = "orders") -> httpx.Response:
    """Publishes rows as an Arrow stream."""
    return client.post(
        f"/products/{product}/outputs/t/versions", content=write_arrow(rows), headers={"Content-Type": ARROW}
    )


def write_arrow(rows: list[dict[str, Any]], **options: Any) -> bytes:
    """Rows as an Arrow IPC stream."""
    table = pa.Table.from_pylist(rows)
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()
