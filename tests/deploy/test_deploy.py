"""What `deploy/` has is checked as far as it can be without Docker, systemd and a proxy."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from click import Context

from data_platform.cli.main import cli
from data_platform.settings import Home, ServerSettings, load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DRAIN = ServerSettings().drain_seconds


def read_dockerfile() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def read_compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return content


def read_unit() -> RawConfigParser:
    unit = RawConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "data-platform.service")
    return unit


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_the_image_is_built_of_files_that_are_there_and_not_ignored() -> None:
    allowed = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    copied = [shlex.split(rest) for word, rest in read_dockerfile() if word == "COPY" and "--from" not in rest]
    sources = {name for words in copied for name in words[:-1] if not name.startswith("--")}
    assert sources == allowed
    assert all((ROOT / name).exists() for name in sources)


def test_the_image_has_the_pinned_versions_and_extras_that_exist() -> None:
    installs = [rest for word, rest in read_dockerfile() if word == "RUN" and "pip install" in rest]
    assert installs
    assert all("-c constraints.txt" in command for command in installs)
    extras = re.findall(r"\.\[([a-z,]+)\]", installs[-1])[0].split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert extras == ["server", "postgres"]
    assert set(extras) <= project["optional-dependencies"].keys()


def test_the_image_does_not_run_as_root_and_is_asked_whether_it_is_ready() -> None:
    lines = read_dockerfile()
    assert [rest for word, rest in lines if word == "USER"] == ["10001"]
    assert all("/readyz" in rest for word, rest in lines if word == "HEALTHCHECK")
    assert ("STOPSIGNAL", "SIGTERM") in lines
    images = [rest.split()[0] for word, rest in lines if word == "FROM"]
    assert images == ["python:${PYTHON}-slim"] * 2, "no registry but the standard one"


def test_compose_is_valid() -> None:
    jsonschema.validate(read_compose(), get_builtin_schema("vendor.compose-spec"))


def test_compose_keeps_secrets_in_files_and_writes_to_volumes_alone() -> None:
    compose = read_compose()
    mesh, postgres = compose["services"]["mesh"], compose["services"]["postgres"]
    assert mesh["read_only"] is True
    assert mesh["cap_drop"] == ["ALL"]
    assert all(address.startswith("127.0.0.1:") for address in mesh["ports"])
    assert postgres["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/MESH_DATABASE_PASSWORD"
    assert compose["secrets"].keys() == {"MESH_DATABASE_PASSWORD"}
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text()
    assert mesh["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_the_settings_of_compose_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESH_DATABASE_PASSWORD", "a/b")
    shutil.copy(DEPLOY / "settings.toml", tmp_path)
    settings = load_settings(Home(tmp_path))
    assert settings.record_url is not None
    assert settings.record_url.resolve_uri() == "postgresql://mesh:a%2Fb@postgres:5432/mesh"
    assert settings.server.public_url == "https://mesh.example.org"
    uncommented = (DEPLOY / "settings.toml").read_text().replace("# [", "[").replace("# issuer", "issuer")
    (tmp_path / "settings.toml").write_text(uncommented.replace("# client", "client"))
    assert load_settings(Home(tmp_path)).server.oidc is not None


def test_publishes_in_flight_have_time_to_finish() -> None:
    assert seconds(read_compose()["services"]["mesh"]["stop_grace_period"]) >= DRAIN + 15
    assert seconds(read_unit()["Service"]["TimeoutStopSec"]) >= DRAIN + 15


def test_secrets_of_the_container_become_variables(tmp_path: Path) -> None:
    secrets, bin_folder = tmp_path / "secrets", tmp_path / "bin"
    secrets.mkdir()
    bin_folder.mkdir()
    (secrets / "MESH_DATABASE_PASSWORD").write_text("a b'\"$c\n")
    fake = bin_folder / "data-platform"
    fake.write_text('#!/bin/sh\nprintf "%s|" "$MESH_DATABASE_PASSWORD" "$@"\n')
    fake.chmod(0o755)
    environment = {"SECRETS": str(secrets), "PATH": f"{bin_folder}:/usr/bin:/bin"}
    command = ["/bin/sh", str(DEPLOY / "entrypoint.sh"), "serve", "--host", "0.0.0.0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "a b'\"$c|serve|--host|0.0.0.0|"


def test_every_command_line_is_one_of_ours() -> None:
    image = next(rest for word, rest in read_dockerfile() if word == "CMD" and rest.startswith('["serve"'))
    unit = shlex.split(read_unit()["Service"]["ExecStart"])[1:]
    for words in (yaml.safe_load(image), unit):
        command = cli.get_command(Context(cli), words[0])
        assert command is not None
        command.make_context(words[0], words[1:])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "data-platform.service"
    text = (DEPLOY / "data-platform.service").read_text()
    unit.write_text(text.replace("/opt/data-platform/bin/data-platform", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
