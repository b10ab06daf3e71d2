"""search on the command line: cards for people, a line a product for pipes, JSON for scripts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_console_script import SCRIPT, on_a_terminal


def found(run: Run, *words: object) -> list[str]:
    return [each["name"] for each in json.loads(run("search", *words, "--json").stdout)]


def test_every_filter_narrows_down(run: Run, mesh: Path) -> None:
    assert found(run, "--owner", "cora@example.com") == ["customers"]
    assert found(run, "--status", "active", "--type", "table") == ["orders", "customers"]
    assert found(run, "--type", "stream") == []
    assert found(run, "--pii") == ["customers"]
    assert found(run, "--no-pii") == ["orders"]
    assert found(run, "--column", "EMAIL") == ["customers"]
    assert run("search", "--type", "topic").exit_code == 2


def test_a_filter_that_no_product_can_pass_is_told_with_the_nearest(run: Run, mesh: Path) -> None:
    done = run("search", "--domain", "comerce")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "no product has the domain comerce: did you mean commerce?\nnothing found\n"
    assert run("search", "--tag", "zzz", "--json").stdout == "[]\n"
    assert run("search", "--tag", "zzz", "--json").stderr == "no product has the tag zzz\n"
    assert run("search", "--tag", "people", "--domain", "commerce").stderr == "nothing found\n"
    wrong = run("search", "--status", "nope")
    assert (wrong.exit_code, "'draft', 'active'" in wrong.stderr) == (2, True)


def test_json_has_every_hit_and_its_highlights(run: Run, mesh: Path) -> None:
    (hit,) = json.loads(run("search", "emial", "--json").stdout)
    assert hit["match"] == "fuzzy"
    assert {"field": "column", "text": "email", "spans": [[0, 5]]} in hit["highlights"]
    assert found(run, "--limit", 1) == ["orders"]
    assert found(run, "--limit", 1, "--offset", 1) == ["customers"]


def test_facets_are_told_beside_the_hits(run: Run, mesh: Path) -> None:
    told = json.loads(run("search", "--facets", "--domain", "crm", "--json").stdout)
    assert (told["total"], [each["name"] for each in told["hits"]]) == (1, ["customers"])
    assert told["facets"]["domain"] == {"commerce": 1, "crm": 1}
    lines = run("search", "--facets").stdout.splitlines()
    assert lines[-6:] == [
        "domain    commerce (1), crm (1)",
        "tag       money (1), people (1)",
        "owner     cora@example.com (1), olga@example.com (1)",
        "status    active (2)",
        "type      table (2)",
        "freshness not_promised (1), on_time (1)",
    ]


def test_what_a_page_leaves_out_is_said(run: Run, mesh: Path) -> None:
    assert run("search", "--limit", 1).stderr == "1 to 1 of 2 products  (--offset 1 shows more)\n"
    assert run("search", "--limit", 1, "--offset", 1).stderr == "2 to 2 of 2 products\n"
    assert run("search", "--offset", 5).stderr == "2 products found, none of them after the first 5\n"
    assert run("search", "--limit", 0).stderr == "2 products found\n"
    assert run("search").stderr == ""


@pytest.mark.skipif(not SCRIPT.exists(), reason="the console script is not installed beside this Python")
def test_a_terminal_shows_cards_with_the_words_underlined(mesh: Path) -> None:
    if "NO_COLOR" in os.environ:
        pytest.skip("NO_COLOR is set")
    shown = on_a_terminal("search", "orders shops")
    assert "\x1b[1;4morders\x1b[0m" in shown
    assert "\x1b[1;4mOrders\x1b[0m�[31m [bold]of all \x1b[1;4mshops\x1b[0m[/bold]" in shown
    assert "commerce" in shown
    assert "\x1b[31m" not in shown
