"""doctor says what is missing or wrong, and how to mend it."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest

from data_platform.installing import format_pip_command
from data_platform.record.db.schema import REVISION
from tests.cli.conftest import Run
from tests.keys.vault_server import TOKEN, TransitKey, serve_vault


def states(stdout: str) -> dict[str, str]:
    return {check["name"]: check["state"] for check in json.loads(stdout)}


def test_a_sound_installation_is_well_and_no_home_is_made(run: Run, folder: Path) -> None:
    done = run("doctor", "--json")
    assert done.exit_code == 0
    found = states(done.stdout)
    assert {found[name] for name in ("python", "packages", "identity", "disk", "home", "rule worker")} == {"ok"}
    assert not (folder / ".data-platform").exists()


def test_it_is_pleasant_to_read(run: Run, mesh: Path) -> None:
    lines = run("doctor").stdout.splitlines()
    assert f"ok      home            {mesh}" in lines
    assert f"ok      record          {mesh}/record.db, revision {REVISION}" in lines
    assert "ok      rule worker     starts and answers" in lines


def test_a_broken_settings_file_is_essential(run: Run, folder: Path) -> None:
    run("init")
    (folder / ".data-platform/settings.toml").write_text("[limits]\nrule_secnds = 3\n")
    done = run("doctor")
    assert done.exit_code == 2
    assert "failed  settings" in done.stdout
    assert "settings.toml:2:1" in done.stdout


def test_a_sources_missing_variable_is_a_warning_that_names_it(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    run("init")
    (folder / ".data-platform/settings.toml").write_text(
        '[sources.shop]\ntype = "postgres"\nuri = "postgresql://reader:${SHOP_PASSWORD}@db.example.org/shop"\n'
        '[sources.files]\ntype = "files"\npath = "exports"\n'
    )
    done = run("doctor", "--json")
    assert done.exit_code == 0
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert found["source shop"]["state"] == "warning"
    assert found["source shop"]["found"] == "not set: SHOP_PASSWORD"
    assert found["source files"]["state"] == "ok"


def test_a_channels_missing_variables_are_a_warning_that_names_them(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    monkeypatch.setenv("HOOK_URL", "https://alerts.example.org")
    run("init")
    text = '[channels.hook]\nurl = "${HOOK_URL}"\nsecret = "${HOOK_SECRET}"\n[channels.mail]\nurl = "mailto://m.example.org"\n'
    (folder / ".data-platform/settings.toml").write_text(text)
    (check,) = (one for one in json.loads(run("doctor", "--json").stdout) if one["name"].startswith("channel"))
    assert (check["name"], check["state"], check["found"]) == ("channel hook", "warning", "not set: HOOK_SECRET")
    assert check["mend"] == "export HOOK_SECRET=… where data-platform serve or tick runs"


def test_a_home_of_an_environment_that_is_missing_is_a_warning(run: Run, folder: Path) -> None:
    run("init")
    home = folder / ".data-platform"
    (home / "settings.toml").write_text('[environments]\nthis = "dev"\nprod = "../prod"\n')
    done = run("doctor", "--json")
    assert done.exit_code == 0
    (check,) = (check for check in json.loads(done.stdout) if check["name"] == "environment prod")
    assert (check["state"], check["found"]) == ("warning", f"the home of prod is not a folder: {folder / 'prod'}")
    assert f"relative paths begin at {home}" in check["mend"]


def test_a_record_that_cannot_be_opened_is_essential(run: Run, folder: Path) -> None:
    run("init")
    (folder / ".data-platform/record.db").write_text("this is no database, and it is long enough to be read as one")
    done = run("doctor", "--json")
    assert done.exit_code == 2
    assert states(done.stdout)["record"] == "failed"


def test_a_full_disk_is_told(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 5_000_000))
    done = run("doctor")
    assert done.exit_code == 2
    assert "failed  disk            5.0 MB free" in done.stdout
    assert "data-platform gc" in done.stdout


def test_missing_packages_and_extras_are_named(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = metadata.version

    def version(name: str) -> str:
        if name in ("croniter", "psycopg"):
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    done = run("doctor", "--json")
    assert done.exit_code == 2
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert (found["packages"]["state"], found["packages"]["found"]) == ("missing", "missing: croniter")
    assert found["extra postgres"]["state"] == "warning"
    assert found["extra postgres"]["mend"] == f"if you need it, {format_pip_command('postgres')}"
    assert "extra dev" not in found


def test_a_home_that_is_no_folder_is_told(run: Run, folder: Path) -> None:
    (folder / ".data-platform").write_text("")
    done = run("doctor", "--json")
    assert done.exit_code == 2
    assert states(done.stdout)["home"] == "failed"


def test_a_flipped_bit_is_reported_with_what_restores_the_data(
    run: Run, mesh: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shutil.copytree(mesh, folder / "copy")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(home))
    assert "data files compared" in run("doctor").stdout
    file = next((home / "tables/customers").rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    for command in (["doctor"], ["repair"]):
        done = run(*command)
        assert done.exit_code == 2
        said = " ".join((done.stdout + done.stderr).split())
        assert file.name in said
        assert "does not have the bytes that were published" in said
        assert "restore a backup, or publish again" in said
        assert "data-platform repair" not in said


def test_keys_that_were_not_in_the_backup_are_reported(
    run: Run, mesh: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", folder / "saved", "--without-keys")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "again"))
    warnings = run("restore", folder / "saved").stderr.replace("\n", " ")
    assert f"{folder / 'again'}/keys" in warnings
    assert "no other home or backup of this mesh was found" in " ".join(warnings.split())
    done = run("doctor", "--json")
    assert done.exit_code == 0
    check = next(check for check in json.loads(done.stdout) if check["name"] == "missing keys")
    assert check["state"] == "warning"
    assert "customers.customers_dim: email cannot be read: the keys were not in the backup" in check["found"]
    assert str(folder / "again/keys") in check["mend"]


def test_what_an_interrupted_backup_left_is_reported(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init", "mesh")
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(folder / "mesh/.data-platform"))
    run("domain", "define", "sales", "--owner", "olga@example.com")
    assert run("backup", folder / "saved/monday").exit_code == 0
    assert "was left by" not in run("doctor").stdout
    drafts = [folder / f"saved/.tuesday.{'a' * 16}.partial", folder / f"mesh/.data-platform.{'b' * 16}.partial"]
    for draft in drafts:
        draft.mkdir(mode=0o700)
    done = run("doctor", "--json")
    assert done.exit_code == 0
    checks = [check for check in json.loads(done.stdout) if check["name"] == "backups"]
    assert {check["state"] for check in checks} == {"warning"}
    assert all(any(str(draft) in check["found"] for check in checks) for draft in drafts)


def test_a_key_manager_is_reported_with_whether_it_answers(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("init")
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    with serve_vault() as contract:
        vault = f'[keys]\nmanager = "vault"\n[keys.vault]\naddress = "{contract.address}"\nkey = "mesh"\n'
        (folder / ".data-platform/settings.toml").write_text(vault)
        check = find_check(run, "key manager")
        assert (check["state"], check["mend"]) == ("warning", "data-platform keys rotate creates it")
        contract.keys["mesh"] = TransitKey(derived=True, type="aes256-gcm96")
        said = f"the key mesh of transit in Vault at {contract.address} wraps and opens keys, in version 1"
        assert find_check(run, "key manager")["found"] == said
        contract.tokens.clear()
        check = find_check(run, "key manager")
        assert check["state"] == "failed"
        assert TOKEN not in json.dumps(check)


def find_check(run: Run, name: str) -> dict[str, str]:
    checks: list[dict[str, str]] = json.loads(run("doctor", "--json").stdout)
    return next(check for check in checks if check["name"] == name)
