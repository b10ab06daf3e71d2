"""A run of a pipeline is reported to the mesh, whatever happens to the pipeline or to the mesh."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_platform import DataProduct, Platform, ReadOptions
from data_platform.errors import BadInput, NotFound, Refused, RunConflict, StorageFailed
from data_platform.pipelines import run_report
from data_platform.platform import InProcess
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.request import Request
from data_platform.verbs.results.runs import LOST_AFTER, RunDetail
from tests.meshes import IDS, ROWS, World


def pipeline(world: World, build: Callable[[], Any]) -> DataProduct:
    product = world.product(columns=IDS)
    product.register()
    product.pipeline("t")(build)
    return product


def newest(world: World) -> RunDetail:
    return world.platform.run(world.platform.runs("orders")[0].id)


def test_a_run_that_publishes_has_succeeded(world: World) -> None:
    def build() -> Any:
        print("reading the shop")
        return ROWS

    result = pipeline(world, build).run("t")
    detail = newest(world)
    assert (detail.run.state, detail.run.version, detail.log) == ("succeeded", result.version, "reading the shop\n")
    assert result.warnings == ()


def test_read_options_hold_for_a_file_that_a_pipeline_returns(world: World) -> None:
    file = world.root / "rows.csv"
    file.write_text("id;name\n1;a\n")
    product = world.product(columns={**IDS, "name": {"type": "string"}})
    product.pipeline("t")(lambda: file)
    assert product.run("t", options=ReadOptions(delimiter=";")).rows == 1


def test_a_program_that_builds_by_itself_publishes_with_its_run(world: World) -> None:
    product = pipeline(world, lambda: ROWS)
    run = world.platform.start_run("orders", "t")
    assert product.publish("t", ROWS, run=run.id).version == 1
    assert world.platform.finish_run(run.id, "succeeded").version == 1


def test_rows_that_are_made_while_they_are_published_belong_to_the_run(world: World) -> None:
    def build() -> Any:
        print("begun")
        yield from ROWS
        print("ended")

    pipeline(world, build).run("t")
    assert newest(world).log == "begun\nended\n"


def test_a_refused_run_has_the_reason_without_values(world: World) -> None:
    with pytest.raises(Refused):
        pipeline(world, lambda: [{"id": "ann@example.org"}]).run("t")
    run = newest(world).run
    assert (run.state, run.error_kind) == ("refused", "SchemaMismatch")
    assert "id" in (run.error or "")
    assert "ann@example.org" not in (run.error or "")


def test_an_error_of_the_code_has_its_line_and_its_traceback_is_in_the_log(world: World) -> None:
    product = pipeline(world, lambda: ROWS)
    file = product.file.path.parent / "pipeline.py"
    file.write_text("def build():\n    raise ValueError('the value was 17')\n")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), file, "exec"), names)
    product.pipelines.clear()
    product.pipeline("t")(names["build"])
    with pytest.raises(ValueError, match="17"):
        product.run("t")
    detail = newest(world)
    assert (detail.run.state, detail.run.error_kind, detail.run.error) == ("failed", "ValueError", f"{file}:2")
    assert detail.log.startswith(f'Traceback (most recent call last):\n  File "{file}", line 2, in build\n')
    assert detail.log.endswith("ValueError: the value was 17\n")


def test_an_error_that_may_quote_a_value_is_not_told_in_words(world: World) -> None:
    def build() -> Any:
        raise BadInput("the value 17 is odd")

    with pytest.raises(BadInput):
        pipeline(world, build).run("t")
    assert newest(world).run.error == "see the log"
    assert "17" not in newest(world).log


def test_a_run_that_is_interrupted_has_failed(world: World) -> None:
    def build() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline(world, build).run("t")
    assert newest(world).run.error_kind == "KeyboardInterrupt"


@pytest.mark.parametrize("text", ["\0", "\udcff", "\x1b[2J\x07"])
def test_a_run_may_print_anything(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    def build() -> Any:
        print(f"before{text}after")
        raise NotFound(f"there is no file {text}")

    with pytest.raises(NotFound):
        pipeline(world, build).run("t")
    detail = newest(world)
    assert detail.run.state == "failed"
    assert (detail.run.error or "").startswith("there is no file ")
    assert detail.log.startswith("before")
    assert "after\n" in detail.log


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_that_exits_does_not_end_the_run(world: World) -> None:
    parent = os.getpid()

    def build() -> Any:
        child = os.fork()
        if not child:
            sys.exit(3)
        os.waitpid(child, 0)
        return ROWS

    try:
        assert pipeline(world, build).run("t").version == 1
    finally:
        if os.getpid() != parent:
            os._exit(0)
    assert newest(world).run.state == "succeeded"


def test_a_pipeline_that_returns_nothing_has_failed(world: World) -> None:
    with pytest.raises(BadInput, match="returned nothing"):
        pipeline(world, lambda: None).run("t")
    assert newest(world).run.state == "failed"


def test_an_archived_product_is_refused_before_its_pipeline_works(world: World) -> None:
    worked = []
    product = pipeline(world, lambda: worked.append(True))
    world.platform.archive("orders")
    with pytest.raises(Refused, match="was archived"):
        product.run("t")
    assert worked == []


def test_secrets_of_the_settings_are_redacted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2-hunter2")
    (world.home / "settings.toml").write_text(
        '[sources.shop]\ntype = "postgres"\nuri = "postgresql://ana:${SHOP_PASSWORD}@shop/db"\n'
    )
    with Platform.open(world.home) as platform:
        product = DataProduct(world.product(columns=IDS).file.path, platform)

        @product.pipeline("t")
        def build() -> Any:
            print(f"connecting with {os.environ['SHOP_PASSWORD']}")
            raise ValueError(os.environ["SHOP_PASSWORD"])

        with pytest.raises(ValueError, match="hunter2"):
            product.run("t")
        (run,) = platform.runs()
        log = platform.run(run.id).log
    assert "hunter2" not in log
    assert log.startswith("connecting with ${SHOP_PASSWORD}\n")


def test_heartbeats_are_sent_while_the_pipeline_works(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_report, "HEARTBEAT_SECONDS", 0.01)
    transport = Counting(world, "HeartbeatRun")

    def build() -> Any:
        assert transport.enough.wait(20)
        return ROWS

    product = DataProduct(pipeline(world, build).file.path, Platform(transport))
    product.pipeline("t")(build)
    product.run("t")
    assert [thread.name for thread in threading.enumerate() if "heartbeat" in thread.name] == []


class Counting(InProcess):
    """Notes when three requests of a kind have come, and fails those of `failing`."""

    def __init__(self, world: World, kind: str, failing: frozenset[str] = frozenset()) -> None:
        super().__init__(world.mesh)
        self._kind, self._failing, self._left = kind, failing, 3
        self.enough = threading.Event()

    def call(self, request: Request[Any], attachments: Attachments = NOTHING) -> Any:
        """The answer of the verb."""
        if type(request).__name__ == self._kind:
            self._left -= 1
            if self._left == 0:
                self.enough.set()
        if type(request).__name__ in self._failing:
            raise StorageFailed("the record is not there")
        return super().call(request, attachments)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_pipeline_may_fork_while_heartbeats_are_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_report, "HEARTBEAT_SECONDS", 0.001)

    def build() -> Any:
        for _ in range(100):
            child = os.fork()
            if not child:
                code = 1
                try:
                    with world.mesh.record.transaction() as tx:
                        tx.exec_driver_sql("SELECT 1")
                    code = 0
                finally:
                    os._exit(code)  # also after an error: a child must not return into pytest
            assert os.waitpid(child, 0) == (child, 0)
        return ROWS

    assert pipeline(world, build).run("t").version == 1
    world.mesh.record.verify()


def test_a_heartbeat_that_fails_ends_no_run(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(run_report, "HEARTBEAT_SECONDS", 0.01)
    transport = Counting(world, "HeartbeatRun", frozenset({"HeartbeatRun"}))

    def build() -> Any:
        assert transport.enough.wait(20)
        return ROWS

    product = DataProduct(pipeline(world, build).file.path, Platform(transport))
    product.pipeline("t")(build)
    assert product.run("t").version == 1
    assert newest(world).run.state == "succeeded"
    assert "is not recorded: the record is not there" in caplog.text


def test_a_success_that_cannot_be_recorded_is_a_warning_of_the_result(world: World) -> None:
    transport = Counting(world, "", frozenset({"FinishRun"}))
    product = DataProduct(pipeline(world, lambda: ROWS).file.path, Platform(transport))
    product.pipeline("t")(lambda: ROWS)
    result = product.run("t")
    run = newest(world).run
    assert result.version == 1
    assert result.warnings == (f"the end of run {run.id} is not recorded: the record is not there",)
    assert (run.state, run.version) == ("running", 1)


def test_an_error_is_raised_as_it_was_when_it_cannot_be_recorded(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    transport = Counting(world, "", frozenset({"FinishRun"}))

    def build() -> Any:
        raise ValueError("boom")

    product = DataProduct(pipeline(world, build).file.path, Platform(transport))
    product.pipeline("t")(build)
    with caplog.at_level(logging.WARNING), pytest.raises(ValueError, match="boom"):
        product.run("t")
    assert "failed by ValueError, is not recorded: the record is not there" in caplog.text


def test_a_run_that_was_lost_meanwhile_publishes_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def build() -> Any:
        world.clock.now += LOST_AFTER * 2
        world.platform.tick()
        return ROWS

    with pytest.raises(RunConflict, match="is lost since"):
        pipeline(world, build).run("t")
    assert newest(world).run.state == "lost"
    assert world.numbers() == []


def test_the_first_run_of_all_begins_a_mesh_if_it_publishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "product.yaml").write_text("name: orders\ndomain: s\nowner: a@x\noutputs:\n  - name: t\n")
    rows: list[dict[str, int]] = []
    product = DataProduct(tmp_path)

    @product.pipeline("t")
    def build() -> Any:
        if not rows:
            raise ValueError("nothing yet")
        return rows

    with pytest.raises(ValueError, match="nothing yet"):
        product.run("t")
    assert not (tmp_path / ".data-platform").exists()
    rows.append({"id": 1})
    assert product.run("t").version == 1
    assert [run.state for run in product.platform.runs()] == ["succeeded"]
    product.platform.close()
