"""Objects that a forked child must not use: results whose threads stay in the parent."""

from __future__ import annotations

import ctypes

FORKED = "these rows are computed by the process that started the query, and this process was forked from it"
FORKED_HINT = "start the query in this process, or fork before it starts"


def keep_for_ever(owner: object) -> None:
    """In a forked child: keeps an object that owns the parent's DuckDB, such as an Arrow reader of a result, alive.

    Closing a database joins threads that the child does not have: the child would crash or hang at exit.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(owner))
