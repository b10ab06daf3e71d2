"""Writes readable YAML that every reader of YAML reads back the same."""

from __future__ import annotations

import re
from typing import Any

import yaml

from data_platform.spec.text.yaml.scalars import ScalarKind, detect_kind

_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_WIDTH = 110
_SHORT = 60
"""A list of words that is no longer than this is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Quotes text that any reader takes for another type, and indents lists."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: _Dumper, text: str) -> yaml.Node:
    lines = text.split("\n")
    if _ESCAPED.search(text) or detect_kind(text.strip()) is not ScalarKind.TEXT:
        style: str | None = '"'
    elif len(lines) > 1:
        readable = all(line == line.rstrip() for line in lines) and lines[0] and not text.startswith(" ")
        style = "|" if readable else '"'
    else:
        style = None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: _Dumper, items: list[Any]) -> yaml.Node:
    flat = all(isinstance(item, str | int | float | bool) and "\n" not in str(item) for item in items)
    short = flat and sum(len(str(item)) + 2 for item in items) <= _SHORT
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(list, _list)


def write_yaml(document: Any) -> str:
    """The document as YAML text, in block style, keys in their order."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text
