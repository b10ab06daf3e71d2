"""Nothing in the documentation points to nowhere, and nothing that can be used is left unsaid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data_platform.cli.main import SECTIONS
from data_platform.settings.keys import LIMITS, RECORD, SOURCE_TYPES
from tests.docs.pages import PAGES, ROOT, Page

SOURCE = ROOT / "src/data_platform"
TOP = "ARCHITECTURE|CHANGELOG|CONTRIBUTING|LICENSE|README|Makefile|constraints|pyproject"
_IN_REPOSITORY = re.compile(rf"(docs|src|tests|examples|benchmarks|\.ci|\.github)/[\w./-]+|({TOP})(\.\w+)?")
_IN_SOURCE = re.compile(r"[\w-]+(/[\w-]+)*(/|\.py)")
TEXT = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAGES}
GUIDES = {name: text for name, text in TEXT.items() if name == "README.md" or name.startswith("docs/guides/")}


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    page = Page.read(name)
    inside = (link for link in page.links if not re.match(r"[a-z]+:", link))
    assert [link for link in inside if not _leads(page, link)] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_names_a_file_that_is_not_there(name: str) -> None:
    named = [word for word in Page.read(name).code if _IN_REPOSITORY.fullmatch(word) and "NNNN" not in word]
    assert [word for word in named if not (ROOT / word).exists()] == []


def test_the_rooms_that_the_architecture_names_are_there() -> None:
    named = [word for word in Page.read("ARCHITECTURE.md").code if _IN_SOURCE.fullmatch(word)]
    assert named
    assert [word for word in named if not (SOURCE / word).exists() and not (ROOT / word).exists()] == []


@pytest.mark.parametrize("command", [name for section in SECTIONS.values() for name in section])
def test_every_command_is_shown_in_the_readme_or_a_guide(command: str) -> None:
    assert any(re.search(rf"\bdata-platform {command}\b", text) for text in GUIDES.values())


def test_every_setting_and_variable_is_documented() -> None:
    page = TEXT["docs/reference/settings.md"]
    known = [*RECORD, *LIMITS, *(setting for kind in SOURCE_TYPES.values() for setting in kind)]
    assert [setting.name for setting in known if f"| `{setting.name}` |" not in page] == []
    assert [kind for kind in SOURCE_TYPES if f'type = "{kind}"' not in page] == []
    everywhere = "\n".join(TEXT.values())
    assert [name for name in sorted(_variables()) if name not in everywhere] == []


def _variables() -> set[str]:
    """The environment variables that the code reads."""
    sources = (path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    return {name for text in sources for name in re.findall(r'"(DATA_PLATFORM_[A-Z]+)"', text)}


def _leads(page: Page, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.path.parent / path).resolve() if path else page.path
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in Page.read(str(target.relative_to(ROOT))).anchors


def test_pages_are_found() -> None:
    assert {"README.md", "docs/README.md", "docs/guides/publish.md", "docs/reference/types.md"} <= {*PAGES}
    assert all(Path(name).suffix == ".md" for name in PAGES)
