"""Every snippet of an output's page is run as it is shown, by the principal that the page was shown to."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_platform import Platform
from tests.server.portal.conftest import Portal

SECRET = "ann@example.org"
PAGE = "/products/orders/orders_fact?view=read"


def read_snippets(portal: Portal, name: str) -> Mapping[str, str]:
    """The snippets of the page by their titles."""
    figures = re.findall(
        r"<figcaption[^>]*>(.*?)</figcaption>.*?<code>(.*?)</code>", portal.open(PAGE, name).text, re.S
    )
    return {title: html.unescape(text) for title, text in figures}


def run(portal: Portal, name: str, folder: Path, *command: str) -> str:
    """What a program prints that is a client of the server with the token of `name`."""
    own = {"DATA_PLATFORM_URL": portal.url, "DATA_PLATFORM_TOKEN": portal.tokens[name], "HOME": str(folder)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, env={**own, "PATH": path}, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(text: str, name: str) -> None:
    """Ann sees the personal column masked, Olga owns the product."""
    assert (SECRET in text) is (name == "olga"), text
    assert ("***" in text) is (name == "ann"), text


@pytest.mark.parametrize("name", ["ann", "olga"])
def test_sql_and_http_give_what_the_visitor_may_see(portal: Portal, tmp_path: Path, name: str) -> None:
    snippets = read_snippets(portal, name)
    with Platform.connect(portal.url, portal.tokens[name]) as platform:
        check(str(platform.sql(snippets["SQL"]).to_arrow().to_pylist()), name)
    if shutil.which("curl"):
        check(
            run(portal, name, tmp_path, "bash", "-c", f"set -e; {snippets['HTTP'].replace('curl', 'curl -sf')}"), name
        )


@pytest.mark.long
@pytest.mark.parametrize("name", ["ann", "olga"])
def test_programs_and_commands_give_what_the_visitor_may_see(portal: Portal, tmp_path: Path, name: str) -> None:
    snippets = read_snippets(portal, name)
    check(run(portal, name, tmp_path, sys.executable, "-c", snippets["Python"]), name)
    run(portal, name, tmp_path, "bash", "-c", snippets["Command line"])
    check(str(pq.read_table(tmp_path / "orders_fact.parquet").to_pylist()), name)
    arrow, duckdb = snippets["Arrow, over HTTP"], snippets["DuckDB, over these rows"]
    printed = run(portal, name, tmp_path, sys.executable, "-c", f"{arrow}\nprint(rows.to_pylist())\n{duckdb}")
    check(printed, name)
    assert re.search(r"│\s+2\s+│", printed)


def test_nothing_is_offered_where_nothing_may_be_read(portal: Portal) -> None:
    assert "snippet" not in portal.open("/products/orders/orders_fact?view=sample").text.partition("<main")[2]
    assert len(read_snippets(portal, "ann")) == 6
