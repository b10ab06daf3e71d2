"""What the documentation shows is what happens: every block of every page runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform import InvalidSpec
from tests.docs.pages import PAGES, Block, Page
from tests.docs.play import READER, Play, assert_printed, commands, plain_words


@pytest.mark.parametrize("name", [name for name in PAGES if Page.read(name).blocks])
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
    ("command", "plain"),
    [
        ("data-platform show orders --json", (".", ["show", "orders", "--json"])),
        ("data-platform sql 'SELECT count(*)' -n \"2 > 1\"", (".", ["sql", "SELECT count(*)", "-n", "2 > 1"])),
        ("cd a/b && data-platform show c", ("a/b", ["show", "c"])),
        ("cd a && data-platform show b && ls", (".", [])),
        ("data-platform show a | wc -l", (".", [])),
        ("data-platform show a > b.txt", (".", [])),
        ("data-platform show *.yaml", (".", [])),
        ('data-platform show "$NAME"', (".", [])),
        ("DATA_PLATFORM_HOME=a data-platform show b", (".", [])),
        ("mv a b", (".", [])),
    ],
)
def test_bash_is_left_out_where_it_has_nothing_to_do(command: str, plain: tuple[str, list[str]]) -> None:
    assert plain_words(command) == plain


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
