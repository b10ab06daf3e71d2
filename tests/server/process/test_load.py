"""Many callers at once for a minute: no error, no version is lost, and memory stays flat."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from tests.server.process.test_killed_server import OWNER, create_token
from tests.server.process.test_memory import measure_tree
from tests.server.process.test_serve import run_server
from tests.server.serving import make_client, register

READERS, PUBLISHERS, SECONDS, ROWS = 100, 8, 60, 2000
GROWTH_MB = 250
BODY = "id,name\n" + "1,x\n" * ROWS
PRODUCT = f"name: {{name}}\ndomain: sales\nowner: {OWNER}\ndescription: d\noutputs:\n- name: t\n  schema: t.json\n"


@pytest.mark.long
def test_many_callers_at_once_are_all_served(tmp_path: Path) -> None:
    home = tmp_path / ".data-platform"
    errors: list[str] = []
    published: dict[str, list[int]] = {}
    reads = [0] * READERS
    home.mkdir()
    (home / "settings.toml").write_text("[server]\nheavy_calls = 1000\nrequests_per_second = 100000\n")
    with run_server(home) as served:
        token = create_token(home)
        names = [f"p{number}" for number in range(PUBLISHERS)]
        with make_client(served.url, token) as client:
            for name in names:
                assert register(client, PRODUCT.format(name=name)).status_code == 200
        end = time.monotonic() + SECONDS

        def publish(name: str) -> None:
            path, headers = f"/products/{name}/outputs/t/versions", {"Content-Type": "text/csv"}
            with make_client(served.url, token) as client:
                while time.monotonic() < end:
                    answer = client.post(path, content=BODY, headers=headers, timeout=120)
                    if answer.status_code == 200:
                        published.setdefault(name, []).append(answer.json()["version"])
                    else:
                        errors.append(answer.text)

        def consume(number: int) -> None:
            with make_client(served.url, token) as client:
                while time.monotonic() < end:
                    answer = client.get(f"/products/{names[number % PUBLISHERS]}/outputs/t/data", timeout=120)
                    if answer.status_code == 200 and len(answer.text.splitlines()) == ROWS:
                        reads[number] += 1
                    elif answer.status_code != 404:
                        errors.append(answer.text[:500])

        threads = [threading.Thread(target=publish, args=(name,)) for name in names]
        threads += [threading.Thread(target=consume, args=(number,)) for number in range(READERS)]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS / 3)
        early = measure_tree(served.process.pid)
        for thread in threads:
            thread.join()
        late = measure_tree(served.process.pid)
        assert errors == []
        with make_client(served.url, token) as client:
            for name in names:
                listed = client.get(f"/products/{name}/versions", params={"limit": 1000}).json()
                assert sorted(published[name]) == list(range(1, len(listed) + 1))
        assert min(reads) > 0
        assert late - early < GROWTH_MB, json.dumps([early, late])
