"""The registry names every verb, and each story answers its own request."""

from __future__ import annotations

from importlib import import_module
from inspect import get_annotations
from pathlib import Path

import pytest

from data_platform import verbs
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS, load_function


@pytest.mark.parametrize("name", VERBS)
def test_a_story_lies_beside_its_request_and_takes_it(name: str) -> None:
    module = import_module(f"data_platform.verbs.{VERBS[name].place.partition(':')[0]}")
    request = getattr(module, name)
    assert issubclass(request, Request)
    assert get_annotations(load_function(VERBS[name].place), eval_str=True)["request"] is request


def test_every_request_has_a_verb() -> None:
    folder = Path(verbs.__file__).parent
    modules = [".".join(path.relative_to(folder).with_suffix("").parts) for path in folder.rglob("[a-z]*.py")]
    requests = {
        name
        for module in modules
        for name, value in vars(import_module(f"data_platform.verbs.{module}")).items()
        if isinstance(value, type) and issubclass(value, Request) and value.__module__.endswith(f".{module}")
    }
    assert requests - {"Request"} == set(VERBS)
    functions = {"open_frame", "open_rows", "rebuild_record", "restore_backup"}
    assert sorted({*VERBS, *functions}, key=str) == sorted(verbs.__all__, key=str)


def test_each_request_is_loaded_by_its_name() -> None:
    for name in VERBS:
        assert getattr(verbs, name).__name__ == name
