"""What a form is: how values of one type are written as JSON and read back, and where a value does not fit."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any

Json = Any
"""None, bool, int, float, str, a list of these, or a dict of these by text."""

NULL, BOOLEAN, NUMBER, TEXT, ARRAY, OBJECT = "null", "boolean", "number", "text", "array", "object"
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class FormMismatch(Exception):
    """A value that its form does not take; `path` leads to it, its innermost step first."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: list[str | int] = []

    def inside(self, step: str | int) -> FormMismatch:
        """The same, of a value that contains the other at `step`."""
        self.path.append(step)
        return self

    @property
    def place(self) -> str:
        """The path as JSONPath writes it: `$.outputs[0].name`."""
        return "$" + "".join(map(_format_step, reversed(self.path)))


def _format_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _SIMPLE.fullmatch(step) else f"[{step[:60]!a}]"


def kind_of(value: Json) -> str:
    """The kind of a JSON value; raises Mismatch for what is none."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case int() | float():
            return NUMBER
        case str():
            return TEXT
        case list():
            return ARRAY
        case dict():
            return OBJECT
        case _:
            raise FormMismatch(f"is no JSON, but {type(value).__name__}")


def describe_json(value: Json) -> str:
    """The kind of a JSON value in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _WORDS[kind_of(value)]


_WORDS = {NULL: "null", NUMBER: "a number", TEXT: "text", ARRAY: "an array", OBJECT: "an object"}


class Form(ABC):
    """How values of one type are written as JSON; reading accepts what writing makes, and nothing else.

    `name` tags the value where a union needs it, `kinds` are the kinds of JSON that it is written as.
    """

    name: str
    kinds: frozenset[str]

    @abstractmethod
    def matches(self, value: object) -> bool:
        """Whether `value` is of this type; the members of collections are not looked at."""

    @abstractmethod
    def encode(self, value: Any) -> Json:
        """The value as JSON; raises Mismatch for a value of another type."""

    @abstractmethod
    def decode(self, value: Json) -> Any:
        """The value that the JSON is written from; raises Mismatch."""

    def refuse(self, value: object) -> FormMismatch:
        """That a Python value is of another type."""
        return FormMismatch(f"must be {self.name}, and not {type(value).__name__}")
