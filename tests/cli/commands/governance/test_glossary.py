"""glossary: what a person sees, and what a script gets."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_a_term_is_defined_listed_shown_and_retired(run: Run, folder: Path) -> None:
    run("init")
    made = run("glossary", "define", "Customer", "--definition", "Who orders", "--synonyms", "client,buyer", "--json")
    assert json.loads(made.stdout)["synonyms"] == ["client", "buyer"]
    assert "Who orders" in run("glossary", "list", "client").stdout
    listed = json.loads(run("glossary", "list", "--json").stdout)
    assert (listed["total"], listed["letters"], listed["terms"][0]["name"]) == (1, {"C": 1}, "Customer")
    shown = json.loads(run("glossary", "show", "customer", "--json").stdout)
    assert (shown["term"]["columns"], shown["links"], shown["narrower"]) == (0, [], [])
    assert "retired" in run("glossary", "retire", "customer").stdout
    assert "no term" in run("glossary", "list").stderr
    assert run("glossary", "show", "nothing").exit_code == 2


def test_a_longer_list_says_how_to_go_on(run: Run, folder: Path) -> None:
    run("init")
    for name in ("A", "B", "C"):
        run("glossary", "define", name, "--definition", "…")
    assert "3 terms match; --offset 2" in run("glossary", "list", "--limit", "2").stderr
