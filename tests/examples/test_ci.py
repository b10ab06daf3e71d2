"""The templates for CI: valid by the schemas of their systems, and what their scripts do in a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.cli.conftest import folder
from tests.cli.test_diff import shop

CI = Path(__file__).parents[2] / "examples" / "ci"
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
__all__ = ["folder", "shop"]


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CI / f"{name}.yml").read_text())
    return document


def play(script: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as a runner does: bash, which ends at the first command that fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DATA_PLATFORM_HOME": str(cwd / ".data-platform"), **more}
    command = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60)


def test_they_are_valid_by_the_schemas_of_their_systems() -> None:
    for name, schema in SCHEMAS.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(CI / f"{name}.yml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


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


def test_a_merge_request_on_gitlab_ends_as_diff_does(shop: Path) -> None:
    done = play("\n".join(load("gitlab")["data-products"]["script"]), shop.parent)
    assert done.returncode == 1
    assert "would be refused" in done.stdout
