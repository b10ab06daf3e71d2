"""A server: what HTTP adds to a small publish and to a large read, and the memory of many large ones at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa

from benchmarks.measure import Figure, ratio, side_by_side
from data_platform import Platform, verbs

ARROW = "application/vnd.apache.arrow.stream"
BATCH, COLUMNS = 131_072, 10
OWNER = "bench@example.org"
READERS, PUBLISHERS = 4, 2
SCHEMA = json.dumps({"type": "object", "properties": {f"c{at}": {"type": "integer"} for at in range(COLUMNS)}})


@dataclass(frozen=True)
class Server:
    """A running server and how to call it."""

    process: subprocess.Popen[bytes]
    url: str
    token: str

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=None)


def figures(folder: Path, gigabytes: float, rounds: int) -> Iterator[Figure]:
    home = folder / "home"
    Platform.open(home, make=True).close()
    with serve(home) as server, server.client() as client:
        for name in ("small", "large", *(f"other-{number}" for number in range(PUBLISHERS))):
            register(client, name)
        yield compare_small_publishes(home, client)
        publish(client, "large", gigabytes)
        yield compare_reads(home, client, rounds)
        yield measure_memory(server, gigabytes)


@contextmanager
def serve(home: Path) -> Iterator[Server]:
    environment = {**os.environ, "DATA_PLATFORM_HOME": str(home)}
    command = [sys.executable, "-m", "data_platform"]
    tokens = [*command, "tokens", "create", OWNER, "--role", "admin", "--json"]
    said = subprocess.run(tokens, env=environment, capture_output=True, check=True).stdout
    ready = home.parent / "ready.json"
    options = ["--port", "0", "--ready-file", str(ready)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, "serve", *options], env=environment, **quiet)  # type: ignore[call-overload]
    try:
        while not ready.exists():
            time.sleep(0.05)
        yield Server(process, json.loads(ready.read_text())["url"], json.loads(said)["token"])
    finally:
        process.terminate()
        process.wait()


def register(client: httpx.Client, name: str) -> None:
    text = f"name: {name}\ndomain: bench\nowner: {OWNER}\noutputs:\n  - name: rows\n    schema: rows.json\n"
    file = {"path": "product.yaml", "text": text, "schemas": {"rows.json": SCHEMA}}
    client.put(f"/products/{name}/contract", json={"file": file}).raise_for_status()


def publish(client: httpx.Client, name: str, gigabytes: float) -> None:
    path, headers = f"/products/{name}/outputs/rows/versions", {"Content-Type": ARROW}
    client.post(path, content=write_batches(gigabytes), headers=headers).raise_for_status()


def write_batches(gigabytes: float) -> Iterator[bytes]:
    schema = pa.schema([(f"c{at}", pa.int64()) for at in range(COLUMNS)])
    rng = np.random.default_rng(3)
    batch = pa.record_batch([rng.integers(0, 1 << 40, BATCH) for _ in range(COLUMNS)], schema=schema)
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, schema) as writer:
        writer.write_batch(batch)
    data = out.getvalue().to_pybytes()
    size = batch.serialize().size
    head, body, end = data[: -8 - size], data[-8 - size : -8], data[-8:]
    yield head
    for _ in range(max(int(gigabytes * 1e9 / (BATCH * COLUMNS * 8)), 1)):
        yield body
    yield end


def read(client: httpx.Client) -> int:
    with client.stream("GET", "/products/large/outputs/rows/data", headers={"Accept": ARROW}) as answer:
        return sum(map(len, answer.iter_raw()))


def compare_small_publishes(home: Path, client: httpx.Client) -> Figure:
    columns = [f"c{at}" for at in range(COLUMNS)]
    text = ",".join(columns) + "\n" + ",".join("1" for _ in columns) + "\n"
    file = home.parent / "row.csv"
    file.write_text(text)

    def send() -> None:
        headers = {"Content-Type": "text/csv"}
        client.post("/products/small/outputs/rows/versions", content=text, headers=headers).raise_for_status()

    with Platform.open(home) as mesh:
        ours, base, _ = side_by_side(send, lambda: mesh.publish(verbs.Publish("small", "rows"), file), 50)
    added = (ours - base) * 1000
    return Figure("publish of 1 row over HTTP", "in the process, p50", "+ ≤ 15 ms", f"+{added:.1f} ms", added <= 15)


def compare_reads(home: Path, client: httpx.Client, rounds: int) -> Figure:
    def collect() -> None:
        with client.stream("GET", "/products/large/outputs/rows/data", headers={"Accept": ARROW}) as answer:
            pa.ipc.open_stream(pa.PythonFile(Body(answer.iter_raw()), mode="r")).read_all()

    with Platform.open(home) as mesh:
        return ratio(
            "consume over loopback into Arrow", "in the process", 1.6, collect, mesh.consume("large").to_arrow, rounds
        )


class Body:
    """A response as a file."""

    closed = False

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def read(self, size: int) -> bytes:
        parts, missing = [], size
        while missing:
            self._rest = self._rest or memoryview(next(self._chunks, b""))
            if not self._rest:
                break
            part, self._rest = self._rest[:missing], self._rest[missing:]
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass


def measure_memory(server: Server, gigabytes: float) -> Figure:
    def consume() -> None:
        with server.client() as client:
            read(client)

    def send(name: str) -> None:
        with server.client() as client:
            publish(client, name, gigabytes)

    threads = [threading.Thread(target=consume) for _ in range(READERS)]
    threads += [threading.Thread(target=send, args=(f"other-{number}",)) for number in range(PUBLISHERS)]
    for thread in threads:
        thread.start()
    largest = 0
    while any(thread.is_alive() for thread in threads):
        largest = max(largest, sum(map(measure, list_tree(server.process.pid))))
        time.sleep(0.2)
    work = f"{READERS} consumes and {PUBLISHERS} publishes of {gigabytes:g} GB at once"
    return Figure(work, "peak memory of the server's processes", "≤ 900 MB", f"{largest} MB", largest <= 900)


def list_tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(inner for child in children for inner in list_tree(int(child)))]


def measure(pid: int) -> int:
    """The proportional set size of a process in MB; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024
