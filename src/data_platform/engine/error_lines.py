"""The messages of libraries as one line, without what Python adds to them."""

from __future__ import annotations

import re

_TRACEBACK = re.compile(r"\.?\s*Detail: Python exception: .*", re.DOTALL)
"""What Arrow appends where a stream of ours raised: the traceback, with the paths of the program and lines of code."""


def cut_traceback(text: str) -> str:
    """A library's message up to the traceback in it."""
    return _TRACEBACK.sub("", text)


def format_line(error: BaseException) -> str:
    """The message of an error on one line, without a traceback."""
    return " ".join(cut_traceback(str(error)).split())
