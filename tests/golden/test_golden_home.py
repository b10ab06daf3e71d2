"""What earlier releases left keeps working: homes, product.yaml files, scripts, public names, and the keys of `--json`.

CONTRIBUTING.md says what is stable, and how the next golden home is made.
"""

from __future__ import annotations

import gzip
import json
import operator
import re
import runpy
import shutil
import tarfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import time_machine
from click.testing import CliRunner

import data_platform
from data_platform import DataProduct, Platform, Refused
from data_platform.cli.main import cli
from data_platform.functions import col
from data_platform.functions import count as counted
from data_platform.functions import max as greatest
from data_platform.functions import min as least
from tests.golden import answers

HERE = Path(__file__).parent
REVISIONS = sorted(path.name for path in HERE.iterdir() if (path / "make.py").is_file())

SIGNS: dict[str, Callable[[Any, float], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}

CORRECTED = re.compile(
    r"/json/search.*/(name|text) is 'orders_fact@1', was 'orders_fact'"
    r"|/json/checklist \w+/points\[[57]\]/(measured|mend|verdict) is .*"
    r"|/json/checklist (\w+/met|--mesh\[\d+\]/(score|missing.*)) is .*",
    re.DOTALL,
)
"""What was wrong in the release before: `search` did not name the major that `show` names, and the point about access
of the checklist counted policies, not who may read (ADR 0043); the point about monitoring counted channels that nobody
had tested, and promises that no clock looked at (ADR 0052)."""


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where `new` lacks a key of `old`, or has another value; further keys are allowed."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            if key in new:
                yield from differences(value, new[key], f"{place}/{key}")
            else:
                yield f"{place}/{key} is absent, was {value!r}"
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{place}[{number}]")
    elif json.dumps(old) != json.dumps(new):
        yield f"{place} is {new!r}, was {old!r}"


def absences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """The names of `old` that `new` lacks."""
    if isinstance(old, list):
        yield from (f"{place}: {name}" for name in old if name not in new)
        return
    for key, value in old.items():
        yield from absences(value, new[key], f"{place}/{key}") if key in new else (f"{place}: {key}",)


def unpack(revision: str, record: str, place: Path) -> Path:
    """The golden home of a revision with its record in SQLite or Postgres, ready in `place`; its folder."""
    source = HERE / revision
    shutil.copytree(source / "products", place / "products")
    shutil.copy(source / "policies.yaml", place)
    shutil.copy(source / f"{record}.anchor.json", place / "anchor.json")
    with tarfile.open(source / f"{record}.tar.gz") as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python before 3.11.4 has none
        archive.extractall(place)
    (place / ".data-platform" / "keys").chmod(0o700)  # as in the archive: that filter drops the modes of folders
    return source


def load_dump(source: Path, url: str) -> None:
    """Plays what pg_dump wrote; lines that begin with a backslash are words for psql."""
    script = gzip.decompress((source / "record.sql.gz").read_bytes()).decode()
    statements = "\n".join(line for line in script.splitlines() if not line.startswith("\\"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())


@pytest.fixture
def run() -> Callable[..., str]:
    def call(who: str, *words: str) -> str:
        done = CliRunner(env={"DATA_PLATFORM_USER": who}).invoke(cli, words, prog_name="data-platform")
        assert done.exit_code == 0, (words, done.output, done.exception)
        return done.stdout

    return call


@pytest.fixture(params=REVISIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a revision; a copy of its mesh is the working directory."""
    monkeypatch.chdir(tmp_path)
    return unpack(request.param, "sqlite", tmp_path)


def check_answers(source: Path, record: str) -> None:
    """Every command answers as before, every version has its rows, the audit log agrees with its anchor."""
    expected = json.loads((source / f"{record}.json").read_text(encoding="utf-8"))
    changed = [change for change in differences(expected, answers.ask(cli)) if not CORRECTED.fullmatch(change)]
    assert not changed, "\n".join(changed)


def check_publishes(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every output takes a next version from its unchanged product.yaml; a closed product refuses."""
    with time_machine.travel(answers.NOW, tick=True), Platform.open() as platform:
        newest = {
            (product, output): version for product, output, version in reversed([*answers.all_versions(platform)])
        }
        for (product, output), version in newest.items():
            file = platform.show(product)
            monkeypatch.setenv("DATA_PLATFORM_USER", file.owner)
            table = platform.consume(product, output, version=version).to_arrow()
            declared = DataProduct(f"products/{product}", platform)
            if file.archived_at is not None:
                with pytest.raises(Refused, match="archived"):
                    declared.publish(output, table)
            elif declared.file.product.find_output(output) is not None:
                assert declared.publish(output, table).version == version + 1
                assert answers.rows(platform.consume(product, output).to_arrow()) == answers.rows(table)


def check_health(run: Callable[..., str]) -> None:
    """Neither doctor nor verify complains, and the policies of the file hold already."""
    with time_machine.travel(answers.NOW, tick=True):
        run(answers.WHO, "doctor")
        run(answers.WHO, "tick")
    run(answers.WHO, "audit", "verify", "--anchor", "anchor.json")
    run(answers.WHO, "validate", "products")
    assert len(json.loads(run(answers.WHO, "policies", "history", "--json"))) == 1
    run(answers.WHO, "policies", "apply", "policies.yaml", "--yes")
    assert len(json.loads(run(answers.WHO, "policies", "history", "--json"))) == 1


def test_an_old_home_answers_as_before(golden: Path) -> None:
    check_answers(golden, "sqlite")


def test_products_of_an_old_home_are_published_to(
    golden: Path, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check_publishes(golden, monkeypatch)
    check_health(run)


def check_floats(platform: Platform, version: int, column: str) -> None:
    """Counts, filters and extremes of old files, whose statistics know of no NaN, are DuckDB's over the rows."""
    frame = platform.consume("readings", "levels", version=version)
    with duckdb.connect() as connection:
        rows = connection.from_arrow(frame.to_arrow())
        for bound in (-1.0, 0.0, 2.0, 3.0, 100.0):
            for sign, keep in SIGNS.items():
                expected = rows.filter(f"{column} {sign} {bound}").aggregate("count(*)").fetchall()[0][0]
                assert frame.filter(keep(col(column), bound)).count() == expected, (version, column, sign, bound)
        answer = frame.agg(greatest(column).alias("high"), least(column).alias("low"), counted(column).alias("n"))
        expected = rows.aggregate(f"max({column}), min({column}), count({column})").fetchall()[0]
        assert list(map(str, answer.collect()[0])) == list(map(str, expected))


def test_old_files_with_nan_answer_like_duckdb(golden: Path) -> None:
    with Platform.open() as platform:
        for version in (1, 2):
            for column in ("level", "low", "small", "pair.x"):
                check_floats(platform, version, column)


def test_an_old_script_prints_what_it_printed(
    golden: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_PLATFORM_USER", "cora@example.com")
    with time_machine.travel(answers.NOW, tick=True), warnings.catch_warnings():
        warnings.simplefilter("default", DeprecationWarning)
        runpy.run_path(str(golden / "script.py"))
    assert capsys.readouterr().out == (golden / "script.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("revision", REVISIONS)
def test_no_public_name_is_gone(revision: str) -> None:
    expected = json.loads((HERE / revision / "surface.json").read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # an alias of a former name counts
        names = [name for name in expected["names"] if hasattr(data_platform, name)]
        absent = list(absences(expected, answers.describe_surface(cli, names)))
    assert not absent, "\n".join(absent)


@pytest.mark.engines
@pytest.mark.parametrize("revision", REVISIONS)
def test_an_old_home_whose_record_is_in_postgres(
    revision: str, postgres_url: str, tmp_path: Path, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = unpack(revision, "postgres", tmp_path)
    load_dump(source, postgres_url)
    monkeypatch.setenv("RECORD_URL", postgres_url)
    settings = tmp_path / ".data-platform/settings.toml"
    settings.write_text('[openlineage]\nurl = "http://127.0.0.1:9"\n[record]\nurl = "${RECORD_URL}"\n')
    check_answers(source, "postgres")
    check_publishes(source, monkeypatch)
    check_health(run)
