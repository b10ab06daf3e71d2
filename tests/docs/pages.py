"""The pages of the documentation, and the fenced blocks in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
)
"""Every page a reader may meet, relative to the repository."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)$")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file it is the content of (when the fence names one), its text, its line."""

    language: str
    file: str | None
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its text without the blocks, and the blocks in order."""

    path: Path
    prose: str
    blocks: tuple[Block, ...]

    @classmethod
    def read(cls, name: str) -> Page:
        """The page of that name; AssertionError for a fence that is never closed."""
        path = ROOT / name
        prose, blocks, opened, inside = [], [], None, []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            fence = _FENCE.match(line)
            if fence and opened is None:
                opened, inside = (fence["info"].split(), number), []
            elif fence:
                blocks.append(_block(*opened, inside))
                opened = None
            elif opened:
                inside.append(line)
            else:
                prose.append(line)
        assert opened is None, f"{name}:{opened and opened[1]}: the block is never closed"
        return cls(path, "\n".join(prose), tuple(blocks))

    @property
    def anchors(self) -> set[str]:
        """What a link may name after `#`, as GitHub makes it of the headings."""
        headings = (_HEADING.match(line) for line in self.prose.splitlines())
        return {_slug(heading[1]) for heading in headings if heading}

    @property
    def links(self) -> Iterator[str]:
        """Where the page's links lead, as they are written."""
        return (match[1] for match in _LINK.finditer(self.prose))

    @property
    def code(self) -> Iterator[str]:
        """The words set in backticks."""
        return (match[1] for match in _CODE.finditer(self.prose))


def _block(info: list[str], line: int, inside: list[str]) -> Block:
    language, file = (*info, "", "")[:2]
    return Block(language, file or None, "\n".join(inside) + "\n", line)


def _slug(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
