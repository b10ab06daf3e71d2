"""What a forked child may not use of its parent's: results whose threads stay with the parent."""

from __future__ import annotations

import ctypes

FORKED = "these rows are computed by the process that started the query, and this process was forked from it"
FORKED_HINT = "start the query in this process, or fork before it starts"


def keep_for_ever(owner: object) -> None:
    """In a forked child: keeps what holds the parent's DuckDB from being destroyed, so an Arrow reader of a result.

    The end of a database joins threads that the child does not have: the child would crash or hang when it exits.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(owner))
