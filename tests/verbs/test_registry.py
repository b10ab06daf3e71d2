"""The registry names every verb, and each story answers its own request."""

from __future__ import annotations

from importlib import import_module
from inspect import get_annotations

import pytest

from data_platform import verbs
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS, story_of


@pytest.mark.parametrize("name", VERBS)
def test_a_story_lies_beside_its_request_and_takes_it(name: str) -> None:
    module = import_module(f"data_platform.verbs.{VERBS[name].partition('.')[0]}")
    request = getattr(module, name)
    assert issubclass(request, Request)
    assert get_annotations(story_of(request), eval_str=True)["request"] is request


def test_every_request_has_a_story() -> None:
    modules = [getattr(verbs, name) for name in verbs.__all__]
    requests = {
        name
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Request) and value.__module__ == module.__name__
    }
    assert requests == set(VERBS)
