"""The identifiers in the code blocks of the mission text: every name that its code defines, calls or reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

TEXT = Path(__file__).with_name("data-mesh-architecture.md")
_BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*")
_WITHOUT_MEANING = re.compile(r"//[^\n]*|#[^\n]*|'[^'\n]*'|\"[^\"\n]*\"")
_SYNTAX = frozenset(
    [
        "export",
        "class",
        "private",
        "constructor",
        "this",
        "new",
        "async",
        "await",
        "if",
        "throw",
        "return",
        "interface",
        "const",
        "string",
        "number",
        "true",
    ]
)
"""Keywords and built-in types of TypeScript."""


def read_identifiers() -> list[str]:
    """Each identifier once, in the order of the text: keys of YAML, names of TypeScript and Python, our commands."""
    names = (
        name for language, code in _BLOCK.findall(TEXT.read_text(encoding="utf-8")) for name in _names(language, code)
    )
    return list(dict.fromkeys(names))


def _names(language: str, code: str) -> Iterator[str]:
    if language == "bash":
        yield from (f"{line.split()[0]} {line.split()[1]}" for line in code.split("\n") if line.strip())
    elif language == "python":
        yield from _names_of_python(code)
    elif language == "yaml" or code.lstrip().split("\n")[0].endswith(".yaml"):
        yield from _names_of_yaml(yaml.safe_load(code.replace("// ", "# ", 1)))
    else:
        yield from (name for name in _NAME.findall(_WITHOUT_MEANING.sub("", code)) if name not in _SYNTAX)


def _names_of_python(code: str) -> Iterator[str]:
    indent = re.match(r" *", code)
    lines = code.split("\n") if indent is None else [line.removeprefix(indent[0]) for line in code.split("\n")]
    for node in ast.walk(ast.parse("\n".join(lines))):
        match node:
            case ast.Name(name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(name)):
                yield name
            case ast.keyword(arg=str(name)):
                yield name


def _names_of_yaml(value: Any) -> Iterator[str]:
    """The keys, and the names in a policy's condition."""
    if isinstance(value, list):
        for item in value:
            yield from _names_of_yaml(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            if key == "condition":
                yield from _NAME.findall(_WITHOUT_MEANING.sub("", item))
            yield from _names_of_yaml(item)
