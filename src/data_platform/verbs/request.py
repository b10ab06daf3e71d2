"""A request is typed data that says which answer it gets."""

from __future__ import annotations

from typing import Generic, TypeVar

Answer = TypeVar("Answer", covariant=True)


class Request(Generic[Answer]):
    """The base of every verb's request; `Request[X]` is answered by an X."""

    __slots__ = ()
