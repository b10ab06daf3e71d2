"""whoami: the caller in words, and as JSON."""

from __future__ import annotations

import json

from tests.cli.conftest import Run


def test_the_caller_is_shown(run: Run) -> None:
    run("init")
    shown = json.loads(run("whoami", "--json").stdout)
    assert shown["signed_in_with"] in ("home", "token")
    lines = run("whoami").stdout.splitlines()
    assert lines[0].startswith(shown["principal"])
    assert any(line.startswith("kind") and shown["kind"] in line for line in lines)
