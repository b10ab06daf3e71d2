"""The templates for CI: valid by the schemas of their systems, and what their scripts do in a shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
import yaml

from data_platform.installing import DISTRIBUTION, VERSION
from tests.cli.commands.contracts.test_diff import shop
from tests.cli.conftest import folder

CI = Path(__file__).parents[2] / "examples" / "ci"
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
__all__ = ["folder", "shop"]


class Notes(BaseHTTPRequestHandler):
    """The notes of one merge request, as GitLab's API lists, adds and changes them."""

    kept: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        assert self.headers["PRIVATE-TOKEN"] == "secret"
        assert self.path == "/projects/7/merge_requests/3/notes?per_page=100"
        self.tell(self.kept)

    def do_POST(self) -> None:
        assert self.path == "/projects/7/merge_requests/3/notes"
        self.kept.append({"id": 42, "body": self.body()})
        self.tell(self.kept[-1])

    def do_PUT(self) -> None:
        assert self.path == "/projects/7/merge_requests/3/notes/42"
        self.kept[-1]["body"] = self.body()
        self.tell(self.kept[-1])

    def body(self) -> str:
        return parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["body"][0]

    def tell(self, document: Any) -> None:
        self.asked.append(self.command)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """A test says nothing."""


@pytest.fixture
def gitlab() -> Iterator[str]:
    """The address of an API with the notes of one merge request."""
    Notes.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Notes) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CI / f"{name}.yml").read_text())
    return document


def play(script: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as a runner does: bash, which ends at the first command that fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DATA_PLATFORM_HOME": str(cwd / ".data-platform"), **more}
    command = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.long
def test_they_are_valid_by_the_schemas_of_their_systems() -> None:
    for name, schema in SCHEMAS.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(CI / f"{name}.yml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_a_pull_request_on_github_is_told_and_gets_the_exit_code_of_diff(shop: Path) -> None:
    steps = {step.get("name"): step for step in load("github")["jobs"]["diff"]["steps"]}
    root = shop.parent
    files = {name: str(root / name.lower()) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    done = play(steps["What would change, what breaks, and for whom"]["run"], root, **files)
    assert done.returncode == 0, done.stderr
    assert Path(files["GITHUB_OUTPUT"]).read_text() == "code=1\n"
    summary = Path(files["GITHUB_STEP_SUMMARY"]).read_text()
    assert summary.startswith("<!-- data-platform diff -->\n### `orders` ❌ would be refused")
    assert summary.endswith("1 product unchanged.\n")
    assert play(steps["Verdict"]["run"], root, CODE="1").returncode == 1


@pytest.mark.long
def test_a_merge_request_on_gitlab_ends_as_diff_does(shop: Path) -> None:
    done = play("\n".join(load("gitlab")["data-products"]["script"]), shop.parent)
    assert done.returncode == 1
    assert "would be refused" in done.stdout


@pytest.mark.long
def test_what_cannot_be_judged_is_told_where_the_answer_would_stand(shop: Path) -> None:
    product = shop / "product.yaml"
    product.unlink()
    root = shop.parent / "empty"
    root.mkdir()
    steps = {step.get("name"): step for step in load("github")["jobs"]["diff"]["steps"]}
    files = {name: str(root / name.lower()) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    done = play(steps["What would change, what breaks, and for whom"]["run"], root, **files)
    assert (done.returncode, Path(files["GITHUB_OUTPUT"]).read_text()) == (0, "code=2\n")
    assert "    error: " in Path(files["GITHUB_STEP_SUMMARY"]).read_text()
    assert "error: " in done.stderr
    done = play("\n".join(load("gitlab")["data-products"]["script"]), root)
    assert done.returncode == 2
    assert "    error: " in done.stdout


@pytest.mark.long
def test_gitlab_gets_one_note_that_is_kept_up_to_date(shop: Path, gitlab: str) -> None:
    script = "\n".join(load("gitlab")["data-products"]["script"])
    known = {"CI_API_V4_URL": gitlab, "CI_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "3", "GITLAB_TOKEN": "secret"}
    Notes.kept = [{"id": 41, "body": "somebody's own words"}]
    for _ in range(2):
        assert play(script, shop.parent, **known).returncode == 1
    assert [note["id"] for note in Notes.kept] == [41, 42]
    assert Notes.kept[1]["body"].startswith("<!-- data-platform diff -->\n### `orders` ❌ would be refused")
    assert Notes.asked == ["GET", "POST", "GET", "PUT"]


def test_they_install_this_project_at_this_release() -> None:
    wanted = f"{DISTRIBUTION}[postgres] @ git+https://git.example.com/mesh/data-platform@v{VERSION}"
    assert load("github")["jobs"]["diff"]["env"]["DATA_PLATFORM"] == wanted
    assert load("gitlab")["data-products"]["variables"]["DATA_PLATFORM"] == wanted
