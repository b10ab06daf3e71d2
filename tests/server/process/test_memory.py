"""The memory of a server does not grow with the data that callers read and publish."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.server.process.test_killed_server import OWNER, create_token
from tests.server.process.test_serve import list_children, run_server
from tests.server.serving import ARROW, make_client, register

COLUMNS, BATCH, BATCHES = 10, 131_072, 24
LARGEST_MB = 650
SCHEMA = json.dumps({"type": "object", "properties": {f"c{n}": {"type": "integer"} for n in range(COLUMNS)}})


def write_batches() -> Iterator[bytes]:
    """250 MB of rows."""
    schema = pa.schema([(f"c{number}", pa.int64()) for number in range(COLUMNS)])
    out = io.BytesIO()
    writer = pa.ipc.new_stream(out, schema)
    for number in range(BATCHES):
        values = pa.array(range(number * BATCH, (number + 1) * BATCH))
        writer.write_batch(pa.record_batch([values] * COLUMNS, schema=schema))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    writer.close()
    yield out.getvalue()


def measure_tree(pid: int) -> int:
    """The proportional set size of a process and its children, in MB."""
    total = 0
    for process in (pid, *list_children(pid)):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            total += int(line.split()[1]) if line.startswith("Pss:") else 0
    return total // 1024


@pytest.mark.long
def test_readers_and_publishers_of_large_data_share_bounded_memory(tmp_path: Path) -> None:
    home = tmp_path / ".data-platform"
    with run_server(home) as served:
        token = create_token(home)
        with make_client(served.url, token) as client:
            for name in ("a", "b"):
                text = f"name: {name}\ndomain: sales\nowner: {OWNER}\ndescription: d\noutputs:\n- name: t\n"
                assert register(client, text + "  schema: t.json\n", SCHEMA).status_code == 200

        def publish(name: str) -> None:
            with make_client(served.url, token) as client:
                answer = client.post(
                    f"/products/{name}/outputs/t/versions",
                    content=write_batches(),
                    headers={"Content-Type": ARROW},
                    timeout=300,
                )
                assert answer.status_code == 200, answer.text

        def consume() -> None:
            with (
                make_client(served.url, token) as client,
                client.stream("GET", "/products/a/outputs/t/data", headers={"Accept": ARROW}, timeout=300) as answer,
            ):
                assert sum(map(len, answer.iter_raw())) > BATCHES * BATCH * COLUMNS * 8

        publish("a")
        threads = [threading.Thread(target=consume) for _ in range(4)]
        threads.append(threading.Thread(target=publish, args=("b",)))
        for thread in threads:
            thread.start()
        largest = 0
        while any(thread.is_alive() for thread in threads):
            largest = max(largest, measure_tree(served.process.pid))
            threads[0].join(0.1) if threads[0].is_alive() else threads[-1].join(0.1)
        assert largest < LARGEST_MB
