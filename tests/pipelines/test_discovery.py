"""Pipeline files are found, run where they stand, and their errors are told with file and line."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from data_platform.errors import BadInput, InvalidSpec, NotFound
from data_platform.pipelines.discovery import UserCode, base_folder, enter_folder, find_pipelines, resolve_path


@pytest.fixture
def product(tmp_path: Path) -> Path:
    path = tmp_path / "orders" / "product.yaml"
    path.parent.mkdir()
    path.write_text("name: orders")
    return path


def write(product: Path, name: str, code: str) -> Path:
    path = product.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(code))
    return path


def problem(product: Path) -> str:
    with pytest.raises(InvalidSpec) as refusal:
        find_pipelines(product)
    return str(refusal.value)


def test_pipeline_py_and_the_files_of_pipelines_are_run_in_order(product: Path) -> None:
    write(product, "pipelines/b.py", "me = 'b'")
    write(product, "pipelines/a.py", "me = 'a'")
    write(product, "pipelines/_shared.py", "raise AssertionError")
    write(product, "pipeline.py", "me = 'pipeline'")
    assert [module.me for module in find_pipelines(product)] == ["pipeline", "a", "b"]


def test_relative_paths_begin_at_the_product_wherever_one_works(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    write(
        product,
        "pipelines/orders.py",
        """
        from data_platform.pipelines.discovery import resolve_path
        text = resolve_path("./product.yaml").read_text()
        """,
    )
    (module,) = find_pipelines(product)
    assert module.text == "name: orders"
    assert base_folder.get() is None
    assert resolve_path("x") == Path("/x")


def test_a_relative_product_path_works_too(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(product.parent)
    write(product, "pipeline.py", "me = __file__")
    (module,) = find_pipelines(Path("./product.yaml"))
    assert module.me == str(product.parent / "pipeline.py")


def test_helper_modules_are_found_and_do_not_leak_into_the_next_product(product: Path, tmp_path: Path) -> None:
    other = tmp_path / "customers" / "product.yaml"
    other.parent.mkdir()
    for place, answer in ((product, 1), (other, 2)):
        write(place, "helpers.py", f"answer = {answer}")
        write(place, "pipeline.py", "from helpers import answer")
    assert [find_pipelines(place)[0].answer for place in (product, other)] == [1, 2]
    assert "helpers" not in sys.modules
    assert str(product.parent) not in sys.path


def test_what_a_pipeline_imports_from_elsewhere_stays(product: Path) -> None:
    sys.modules.pop("this", None)
    write(
        product,
        "pipeline.py",
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()):\n    import this",
    )
    find_pipelines(product)
    assert sys.modules.pop("this").__name__ == "this"


def test_a_pipeline_named_like_a_module_hides_nothing(product: Path) -> None:
    import csv

    write(product, "pipelines/csv.py", "me = 1")
    find_pipelines(product)
    assert sys.modules["csv"] is csv


def test_dataclasses_of_a_pipeline_work(product: Path) -> None:
    write(
        product,
        "pipeline.py",
        """
        from __future__ import annotations
        from dataclasses import dataclass, fields
        from typing import ClassVar

        @dataclass
        class Row:
            kind: ClassVar[str] = "x"
            a: int = 1
        """,
    )
    (module,) = find_pipelines(product)
    assert module.Row() == module.Row(1)


def test_an_error_is_told_with_file_line_and_column(product: Path) -> None:
    file = write(product, "pipeline.py", "x = 1\n\ny = sum_of_all(x)\n")
    assert f"{file}:3:5: NameError: name 'sum_of_all' is not defined" in problem(product)


def test_an_error_in_a_helper_is_told_where_it_is(product: Path) -> None:
    helper = write(product, "helpers.py", "def f():\n    return 1 / 0\n")
    write(product, "pipeline.py", "from helpers import f\nf()")
    assert f"{helper}:2:12: ZeroDivisionError" in problem(product)


def test_an_error_inside_a_library_is_told_where_the_user_called_it(product: Path) -> None:
    file = write(product, "pipeline.py", "import json\n\njson.loads('{')")
    assert f"{file}:3:1: JSONDecodeError" in problem(product)


def test_a_syntax_error_is_told_where_it_is(product: Path) -> None:
    file = write(product, "pipeline.py", "x = 1\ndef f(:\n")
    assert f"{file}:2:7: SyntaxError: invalid syntax" in problem(product)


def test_a_script_that_ends_itself_is_told(product: Path) -> None:
    file = write(product, "pipeline.py", "import sys\nsys.exit(3)")
    assert f"{file}:2:1: SystemExit: 3" in problem(product)


def test_a_file_that_is_no_python_is_told(product: Path) -> None:
    file = product.parent / "pipeline.py"
    file.write_bytes(b"x = '\xff'")
    assert str(file) in problem(product)


def test_an_error_of_ours_keeps_its_class_and_gets_file_and_line(product: Path) -> None:
    file = write(product, "pipeline.py", "from data_platform.errors import NotFound\nraise NotFound('none', hint='h')")
    with pytest.raises(NotFound) as caught:
        find_pipelines(product)
    assert caught.value.message == f"{file}:2:1: none"
    assert caught.value.hint == "h"


def test_an_error_of_ours_that_no_user_code_called_is_unchanged(product: Path) -> None:
    with pytest.raises(NotFound) as caught, UserCode(product.parent, product):
        raise NotFound("none")
    assert caught.value.message == "none"


def test_ctrl_c_is_not_swallowed(product: Path) -> None:
    write(product, "pipeline.py", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        find_pipelines(product)


def test_without_any_file_the_refusal_says_where_to_write_one(product: Path) -> None:
    with pytest.raises(NotFound, match=r"pipeline\.py with a @product\.pipeline function"):
        find_pipelines(product)


def test_everything_is_put_back_after_a_failure(product: Path) -> None:
    before = list(sys.path)
    with pytest.raises(BadInput), enter_folder(product.parent):
        raise BadInput("no")
    assert sys.path == before
    assert base_folder.get() is None
