"""What the documentation shows is what happens: every block of every page runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform import InvalidSpec
from tests.docs.pages import PAGES, Block, Page
from tests.docs.play import READER, Call, Play, assert_printed, commands

SERVED = frozenset(["docs/guides/access.md", "docs/guides/limits.md", "docs/guides/remote.md", "docs/guides/serve.md"])
"""Pages that start servers, which takes seconds."""
PLAYED = [
    pytest.param(name, marks=[pytest.mark.long] if name in SERVED else []) for name in PAGES if Page.read(name).blocks
]


@pytest.mark.parametrize("name", PLAYED)
def test_a_page_can_be_followed_from_top_to_bottom(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_PLATFORM_USER", READER)
    Play(Page.read(name), tmp_path).run()


def test_a_page_of_blocks_is_read_with_its_files_and_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n```yaml a/product.yaml\nname: x\n```\n\nwords\n\n```console\n$ true\n```\n")
    read = Page.read(str(page))
    assert read.blocks == (Block("yaml", "a/product.yaml", "name: x\n", 3), Block("console", None, "$ true\n", 9))
    assert "words" in read.prose
    assert "name" not in read.prose


def test_a_command_carries_its_exit_code_and_the_lines_below_it() -> None:
    assert commands("$ a b\nsaid\n\n$ c  # exit 1\n") == [("a b", 0, ["said"]), ("c", 1, [])]


@pytest.mark.parametrize(
    ("command", "call"),
    [
        ("data-platform show orders --json", Call(["show", "orders", "--json"])),
        ("data-platform sql 'SELECT count(*)' -n \"2 > 1\"", Call(["sql", "SELECT count(*)", "-n", "2 > 1"])),
        ("cd a/b && data-platform show c", Call(["show", "c"], "a/b")),
        ("data-platform show a | wc -l", Call(["show", "a"], more="wc -l")),
        ("data-platform show a > b.txt", Call(["show", "a"], file="b.txt")),
        ("data-platform show a 2>&1", Call(["show", "a"])),
        ("A=b cd a && DATA_PLATFORM_USER=a@b.c data-platform show b", None),
        (
            "cd a && DATA_PLATFORM_USER=a@b.c data-platform show b",
            Call(["show", "b"], "a", {"DATA_PLATFORM_USER": "a@b.c"}),
        ),
        ("cd a && data-platform show b && ls", None),
        ("data-platform show a 2> b", None),
        ("data-platform show a > b | ls", None),
        ("data-platform show *.yaml", None),
        ('data-platform show "$NAME"', None),
        ("mv a b", None),
    ],
)
def test_bash_is_left_out_where_it_has_nothing_to_do(command: str, call: Call | None) -> None:
    assert Call.read(command) == call


def test_what_a_command_says_goes_to_a_file_or_through_a_pipe(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ data-platform --version > a.txt\n$ cat a.txt\ndata-platform, …\n"
        "$ data-platform --version | wc -l\n1\n$ data-platform --version | grep -c x  # exit 1\n0\n"
        "$ data-platform nosuch 2>&1  # exit 2\nerror: …\n```\n"
    )
    read = Page.read(str(page))
    Play(Page(Path(__file__), read.prose, read.blocks), tmp_path).run()


def test_expected_lines_must_be_printed_in_their_order() -> None:
    assert_printed(["one", "th…e"], "one\ntwo\nthree\n")
    for wrong in (["three", "one"], ["thre"], ["f…r"]):
        with pytest.raises(AssertionError, match="does not stand in"):
            assert_printed(wrong, "one\ntwo\nthree\n")


@pytest.mark.parametrize(
    "fence",
    [
        "",
        "ruby",
        "console\nls",
        "console\n$ false",
        "console\n$ echo a\nb",
        "python\nassert False",
        "yaml\nnonsense: 1",
    ],
)
def test_a_block_that_is_wrong_fails_with_its_place(fence: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```{fence}\n```\n")
    read = Page.read(str(page))
    with pytest.raises((AssertionError, InvalidSpec)):
        Play(Page(Path(__file__), read.prose, read.blocks), tmp_path).run()
