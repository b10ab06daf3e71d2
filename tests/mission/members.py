"""Whether a public name exists, by its dotted path."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any


def has_member(path: str) -> bool:
    """Whether a public name is there; `function(argument)` is an argument of it."""
    dotted, _, argument = path.rstrip(")").partition("(")
    value: Any = import_module("data_platform")
    for part in dotted.split(".")[1:]:
        if inspect.ismodule(value) and part in ("quality", "functions"):
            value = import_module(f"{value.__name__}.{part}")
        elif part in getattr(value, "__annotations__", {}) or not hasattr(value, part):
            return part in getattr(value, "__annotations__", {})
        else:
            value = getattr(value, part)
    return not argument or argument in inspect.signature(value).parameters
