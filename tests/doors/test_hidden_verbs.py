"""Every verb that names a product answers a hidden one as a name that nobody has registered.

The verbs come from the registry: a new one is tried without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform.errors import DataPlatformError
from data_platform.settings import Role
from data_platform.spec.product.loading import load_product
from data_platform.verbs.core.attachments import Attachments
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.lifecycle.rename import Rename
from data_platform.verbs.registry import VERBS, load_request
from data_platform.verbs.runs.execution import FinishRun, HeartbeatRun, StartRun
from tests.doors.mesh import HIDDEN, OUTSIDERS, Doors, open_doors
from tests.meshes import NOON, json_schema

POLICIES = "policies: [{name: reviewed, enforcement: warning}]"
VALUES: dict[str, Any] = {
    "output": "t",
    "column": "id",
    "principal": "consumer",
    "role": Role.CONSUMER,
    "policy": "reviewed",
    "to": "other",
    "to_owner": "shop",
    "purpose": "a look",
}
CLAIMS = {"Register", "Publish", "WaivePolicy", "AttestPolicy", "StartRun"}
"""Verbs that claim a name, for who owns what has it: of one that is taken they say that alone."""


def load_file(folder: Path, name: str) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "t.json").write_text(json_schema({"id": {"type": "integer"}}))
    text = f"name: {name}\nowner: crm\ndomain: crm\noutputs:\n- {{name: t, schema: t.json}}\n"
    (folder / "product.yaml").write_text(text)
    return load_product(folder)


def make_request(verb: str, product: str, folder: Path) -> Any:
    kind = load_request(verb)
    values = {
        field.name: VALUES.get(field.name, "x")
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    named = {
        "product": product,
        "file": load_file(folder, product),
        "until": NOON + timedelta(days=30),
        "outputs": (f"{product}.t",),
    }
    return kind(**values | {field.name: named[field.name] for field in fields(kind) if field.name in named})


def names_products(verb: str) -> bool:
    kind = load_request(verb)
    return bool({"product", "outputs"} & {field.name for field in fields(kind)}) or hasattr(kind, "product")


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A mesh of this module: some verbs write."""
    folder = tmp_path_factory.mktemp("hidden")
    with open_doors(folder) as doors:
        (folder / "policies.yaml").write_text(POLICIES)
        doors.act_as("governor").apply_policies(folder / "policies.yaml")
        yield doors


def ask(doors: Doors, who: str, request: Any, name: str) -> str:
    context = Context(doors.mesh, Caller(doors.principal(who)), attachments=Attachments())
    try:
        answer = repr(dispatch(context, request))
    except DataPlatformError as error:
        answer = f"{type(error).__name__}: {error.message} → {error.hint}"
    return answer.replace(name, "NAME")


@pytest.mark.parametrize("name", [HIDDEN, f"{HIDDEN}-before"])
@pytest.mark.parametrize("verb", sorted(CLAIMS))
def test_a_name_that_is_taken_tells_nothing_else(doors: Doors, verb: str, name: str, tmp_path: Path) -> None:
    answer = ask(doors, "other-owner", make_request(verb, name, tmp_path / "file"), name)
    assert answer == "Refused: the name NAME is taken → choose another name"
    assert "AccessDenied" in ask(doors, "consumer", make_request(verb, name, tmp_path / "file"), name)


@pytest.mark.parametrize("name", [HIDDEN, f"{HIDDEN}-before"])
def test_a_rename_to_a_name_that_is_taken_tells_nothing_else(doors: Doors, name: str) -> None:
    answer = ask(doors, "other-owner", Rename("supplier", name), name)
    assert answer == "Refused: the name NAME is taken → choose another name"


@pytest.mark.parametrize("suffix", ["", "-before"])
@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize("verb", sorted(verb for verb in VERBS if names_products(verb) and verb not in CLAIMS))
def test_a_verb_answers_a_hidden_product_as_an_unknown_one(
    doors: Doors, verb: str, who: str, suffix: str, tmp_path: Path
) -> None:
    names = (HIDDEN + suffix, f"absent-{verb.lower()}{suffix}")
    hidden, absent = (ask(doors, who, make_request(verb, name, tmp_path / name), name) for name in names)
    assert hidden == absent


def test_a_pipeline_runs_before_its_product_is_registered(doors: Doors) -> None:
    context = Context(doors.mesh, Caller(doors.principal("other-owner")))
    run = dispatch(context, StartRun("new-product", "t"))
    assert dispatch(context, HeartbeatRun(run.id)).state == "running"
    assert dispatch(context, FinishRun(run.id, "failed")).state == "failed"
