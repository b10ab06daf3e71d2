"""A publish over HTTP beside a domain that is far over its quota, and whose callers go on publishing."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.measure import Figure, seconds
from data_platform import DataProduct, Platform
from data_platform.settings.principal import Role

PRODUCT = "name: {0}_facts\ndomain: {0}\nowner: {0}\noutputs: [{{name: t, schema: t.json}}]\n"
SCHEMA = '{"type": "object", "properties": {"id": {"type": "integer"}}}'
QUOTA = '[quotas.noisy]\nstored = "1 kB"\npublishes = 1\n'
CALLERS = 8
ROWS = b"id\n1\n2\n3\n"
HAMMER = """
import sys, threading
import httpx

def publish():
    with httpx.Client(headers={"Authorization": "Bearer " + sys.argv[2], "Content-Type": "text/csv"}) as client:
        while True:
            client.post(sys.argv[1], content=b"id\\n1\\n2\\n3\\n")

for _ in range(int(sys.argv[3])):
    threading.Thread(target=publish).start()
"""


def figures(folder: Path, rounds: int = 12, publishes: int = 8) -> Iterator[Figure]:
    """The median publish of one domain while another is refused, against the same while that one is silent."""
    tokens = _make_mesh(folder)
    with _serve(folder) as url, _hammer(_place(url, "noisy"), tokens["noisy"]) as hammer:
        headers = {"Authorization": f"Bearer {tokens['calm']}", "Content-Type": "text/csv"}
        with httpx.Client(headers=headers, timeout=60) as client:

            def publish() -> None:
                client.post(_place(url, "calm"), content=ROWS).raise_for_status()

            for _ in range(publishes):
                publish()
            silent: list[float] = []
            beside: list[float] = []
            for _ in range(rounds):
                os.kill(hammer, signal.SIGSTOP)
                silent += [seconds(publish) for _ in range(publishes)]
                os.kill(hammer, signal.SIGCONT)
                beside += [seconds(publish) for _ in range(publishes)]
    mine, base = statistics.median(beside), statistics.median(silent)
    measured = f"{mine / base:.2f} ({mine * 1000:.0f} against {base * 1000:.0f} ms)"
    work = f"publish of 3 rows over HTTP beside {CALLERS} callers of a domain over its quota"
    yield Figure(work, "the same while they are silent", "≤ 1.2", measured, mine / base <= 1.2)


def _make_mesh(folder: Path) -> dict[str, str]:
    """A home with a product and a token for each domain; the one that is noisy has stored more than it may."""
    home = folder / ".data-platform"
    tokens = {}
    with Platform.open(home, make=True) as platform:
        for domain in ("noisy", "calm"):
            place = folder / domain
            place.mkdir()
            (place / "product.yaml").write_text(PRODUCT.format(domain))
            (place / "t.json").write_text(SCHEMA)
            tokens[domain] = platform.create_token(f"{domain}-etl", Role.OWNER, team=domain).token
            DataProduct(place, platform).publish("t", [{"id": number} for number in range(1000)])
    (home / "settings.toml").write_text(QUOTA)
    return tokens


def _place(url: str, domain: str) -> str:
    return f"{url}/api/v1/products/{domain}_facts/outputs/t/versions"


@contextmanager
def _serve(folder: Path) -> Iterator[str]:
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "data_platform", "serve", "--port", "0", "--ready-file", str(ready)]
    environment = {**os.environ, "DATA_PLATFORM_HOME": str(folder / ".data-platform")}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        while not ready.exists():
            if process.poll() is not None:
                raise RuntimeError((folder / "server.log").read_text())
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"]
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _hammer(place: str, token: str) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", HAMMER, place, token, str(CALLERS)])
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
