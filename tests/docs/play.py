"""Plays a page: each of its blocks in order, in one folder, as a reader would who follows it.

    ```console          `$ command` lines run in bash, with the real console script first on PATH; our command with
                        plain words runs in this process, which is faster and says the same: `cd FOLDER &&` and
                        `NAME=VALUE` may stand before it, `2>&1`, `> FILE` or `| MORE` behind it, and bash runs MORE.
                        `python FILE` runs in this process too.
                        `# exit 1` at a command's end is the exit code that is wanted, else 0. The lines below a command
                        stand in what it prints, in that order; `…` stands for anything.
    ```python           runs in one namespace a page
    ```output           what the python block before it prints, read like a command's output
    ```LANGUAGE FILE    is written to FILE; a product.yaml is loaded by the loader, Python is compiled. A FILE in
                        examples/ is the repository's, to the letter
    ```yaml             a product.yaml, or fields of one or of an output: completed and loaded
    ```toml             settings, loaded
    ```text             is only shown

Any other block is an error, so that nothing is passed over in silence.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from data_platform.cli.main import cli
from data_platform.settings import Home, load_settings
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.yaml.vocabulary import OUTPUT
from tests.docs.pages import ROOT, Block, Page

ANYTHING = "…"
READER = "ana"
_EXIT = re.compile(r"\s+# exit (\d+)$")
OURS = "data-platform"
_SECONDS = 60
_SCRIPT = re.compile(r"python (\w+\.py)")
_CD = re.compile(r"cd ([\w./-]+) && (.*)")
_NAMED = re.compile(r"([A-Z_]+)=([\w.@-]+) (.*)")
_END = re.compile(r"(.*?)(?: 2>&1| > (?P<file>[\w./-]+)| \| (?P<more>[^|>]+))?")
_QUOTED = re.compile(r"""'[^']*'|"[^"$`\\!]*\"""")
_OF_BASH = frozenset("|&;<>$`\\*?[]{}()~!#'\"")


@dataclass(frozen=True)
class Call:
    """Our command with plain words, called in a folder; what it says to stdout goes to a file, or to `more` in bash."""

    words: list[str]
    folder: str = "."
    environment: dict[str, str] = field(default_factory=dict)
    file: str | None = None
    more: str | None = None

    @classmethod
    def read(cls, command: str) -> Call | None:
        """The call when bash would do nothing else for it; None when it would."""
        folder, rest = found.groups() if (found := _CD.match(command)) else (".", command)
        environment = {}
        while found := _NAMED.match(rest):
            name, environment[name], rest = found[1], found[2], found[3]
        end = _END.fullmatch(rest)
        if end is None or _OF_BASH.intersection(_QUOTED.sub("", end[1])):
            return None
        name, *words = shlex.split(end[1])
        return cls(words, folder, environment, end["file"], end["more"]) if name == OURS else None


@dataclass
class Play:
    """One reading of a page in `folder`, which is the working directory."""

    page: Page
    folder: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    printed: str = ""

    def run(self) -> None:
        """Plays all blocks; AssertionError names the page and the block's line."""
        for block in self.page.blocks:
            try:
                self._play(block)
            except BaseException as error:
                error.add_note(f"in {self.page.path.relative_to(ROOT)}, the block at line {block.line}")
                raise

    def _play(self, block: Block) -> None:
        if block.file is not None:
            self._write(block)
            return
        match block.language:
            case "console":
                for command, code, expected in commands(block.text):
                    self._command(command, code, expected)
            case "python":
                self._python(block)
            case "output":
                assert_printed(block.text.splitlines(), self.printed)
            case "yaml":
                self._fragment(block.text)
            case "toml":
                self._settings(block.text)
            case "text":
                pass
            case other:
                raise AssertionError(f"a block of {other or 'no language'} cannot run: say `text` if it is only shown")

    def _command(self, command: str, code: int, expected: list[str]) -> None:
        call, script = Call.read(command), _SCRIPT.fullmatch(command)
        if call:
            ended, said = _in_process(call, self.folder)
        else:
            ended, said = _in_python(script[1], self.folder) if script else _in_bash(command, self.folder)
        assert ended == code, f"$ {command}\nended with {ended} instead of {code}:\n{said}"
        assert_printed(expected, said)

    def _python(self, block: Block) -> None:
        code = compile("\n" * block.line + block.text, str(self.page.path), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, self.names)
        self.printed = printed.getvalue()

    def _write(self, block: Block) -> None:
        if str(block.file).startswith("examples/"):
            assert _lines(block.text) == _lines((ROOT / str(block.file)).read_text(encoding="utf-8"))
            return
        path = self.folder / str(block.file)
        assert path.resolve().is_relative_to(self.folder), f"{block.file} leads out of the page's folder"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        match path.suffix:
            case ".yaml" if path.name == "product.yaml":
                load_product(path)
            case ".py":
                compile(block.text, str(path), "exec")
            case ".json":
                json.loads(block.text)
            case ".toml":
                tomllib.loads(block.text)

    def _fragment(self, text: str) -> None:
        fields = yaml.safe_load(text)
        output: dict[str, Any] = {"name": "orders"}
        product = {"name": "orders", "domain": "commerce", "owner": "orders-team@example.com", "outputs": [output]}
        if "name" in fields:
            product = fields
        elif set(fields) <= set(OUTPUT.spellings):
            output.update(fields)
        else:
            product.update(fields)
        path = self.folder / "fragment" / "product.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(product, sort_keys=False))
        load_product(path)
        shutil.rmtree(path.parent)

    def _settings(self, text: str) -> None:
        home = self.folder / "fragment"
        home.mkdir()
        (home / "settings.toml").write_text(text)
        load_settings(Home(home))
        shutil.rmtree(home)


def commands(text: str) -> list[tuple[str, int, list[str]]]:
    """Each command of a console block, its exit code, and the lines shown below it."""
    found: list[tuple[str, int, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            code = _EXIT.search(line)
            found.append((_EXIT.sub("", line[2:]), int(code[1]) if code else 0, []))
        elif line.strip():
            assert found, f"a console block begins with a `$ command`, not with {line!r}"
            found[-1][2].append(line)
    return found


def _in_bash(command: str, folder: Path, given: bytes | None = None) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        input=given,
        env=reader(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_SECONDS,
    )
    return done.returncode, done.stdout.decode()


def _in_process(call: Call, root: Path) -> tuple[int, str]:
    """As a process of its own would: the modules that a product brings along are gone afterwards."""
    folder = root / call.folder
    known, said = set(sys.modules), io.BytesIO()
    answer = io.BytesIO() if call.file or call.more else said
    out, err = (io.TextIOWrapper(stream, encoding="utf-8", write_through=True) for stream in (answer, said))
    with (
        contextlib.chdir(folder),
        patch.dict(os.environ, reader(folder) | call.environment, clear=True),
        patch.multiple(sys, stdin=io.StringIO(), stdout=out, stderr=err),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main(call.words, prog_name=OURS)
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(folder)):
            del sys.modules[name]
    if call.file:
        (folder / call.file).write_bytes(answer.getvalue())
    if call.more:
        code, rest = _in_bash(call.more, folder, answer.getvalue())
        return code, said.getvalue().decode() + rest
    return ended.value.code, said.getvalue().decode()


def _in_python(script: str, folder: Path) -> tuple[int, str]:
    with (
        contextlib.chdir(folder),
        patch.dict(os.environ, reader(folder), clear=True),
        contextlib.redirect_stdout(io.StringIO()) as said,
        contextlib.redirect_stderr(said),
    ):
        runpy.run_path(script, run_name="__main__")  # an error in it ends the test
    return 0, said.getvalue()


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def assert_printed(expected: list[str], printed: str) -> None:
    """Every expected line stands in `printed`, in that order."""
    lines = iter(printed.splitlines())
    for wanted in filter(str.strip, expected):
        pattern = re.compile(".*".join(map(re.escape, wanted.rstrip().split(ANYTHING))))
        assert any(pattern.fullmatch(line.rstrip()) for line in lines), f"{wanted!r} does not stand in:\n{printed}"


def reader(folder: Path) -> dict[str, str]:
    """The environment of a reader: our console script first, nothing of the tester's mesh, and, as on a terminal, what
    goes to stdout and stderr in the order in which it is said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATA_PLATFORM_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "HOME": str(folder), "DATA_PLATFORM_USER": READER, "PYTHONUNBUFFERED": "1"}
