"""Finds and runs the Python files that hold a product's pipelines: `pipeline.py` and `pipelines/*.py` beside it.

While they run, their folder is where relative paths begin (`base_folder`), so that `DataProduct.load("./product.yaml")`
means the product beside the file whatever the working directory is, and where their own helper modules are found.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType, TracebackType

from data_platform.errors import DataPlatformError, InvalidSpec, NotFound, Problem
from data_platform.settings import expand_path
from data_platform.spec.text.paths import to_path

base_folder: ContextVar[Path | None] = ContextVar("base_folder", default=None)
"""Where relative paths begin; None is the working directory."""

_PACKAGE = Path(__file__).parents[1]


def resolve_path(path: str | Path) -> Path:
    """`path` as seen from the base folder."""
    place, base = to_path(path, "product.yaml"), base_folder.get()
    if base is not None or place.is_absolute():
        return place if base is None else base / place
    return expand_path(place, "product.yaml")


def find_pipelines(product_yaml: Path) -> tuple[ModuleType, ...]:
    """Runs the pipeline files beside `product_yaml`, each as a module of its own, and returns the modules.

    Raises NotFound when there is none, InvalidSpec with file and line of the user's code when one fails.
    """
    folder = product_yaml.expanduser().absolute().parent
    files = list_pipeline_files(folder)
    if not files:
        raise NotFound(
            f"no pipeline beside {product_yaml}",
            hint=f"write {folder / 'pipeline.py'} with a @product.pipeline function",
        )
    with enter_folder(folder):
        return tuple(_run(path, folder) for path in files)


def list_pipeline_files(folder: Path) -> tuple[Path, ...]:
    """`pipeline.py` and `pipelines/*.py`, without those whose name begins with an underscore."""
    several = sorted(path for path in (folder / "pipelines").glob("*.py") if not path.name.startswith("_"))
    return tuple(path for path in (folder / "pipeline.py", *several) if path.is_file())


@contextmanager
def enter_folder(folder: Path) -> Iterator[None]:
    """Within it, relative paths and the imports of the user's own helper modules begin in `folder`.

    The helper modules are forgotten afterwards: the next product may have others of the same name.
    """
    token, loaded, place = base_folder.set(folder), set(sys.modules), str(folder)
    sys.path.insert(0, place)
    try:
        yield
    finally:
        base_folder.reset(token)
        if place in sys.path:
            sys.path.remove(place)
        for name in set(sys.modules) - loaded:
            if name.partition(".")[0] not in loaded and _is_helper(name, folder):
                del sys.modules[name]


class UserCode:
    """Turns what the user's code in `folder` raises into InvalidSpec with its file and line.

    `with UserCode(folder, file): …`; `file` is named when no frame of the traceback lies in the folder. An error of
    ours keeps its class, and its message begins with the file and line if user code called what raised it.
    """

    def __init__(self, folder: Path, file: Path) -> None:
        self._folder, self._file = folder, file

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, DataPlatformError):
            self._add_place(error)
            return
        if not isinstance(error, Exception | SystemExit):
            return
        file, line, column = self._place(error)
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise InvalidSpec([Problem(file, line, column, f"{type(error).__name__}: {said}".strip(": "))]) from error

    def _place(self, error: BaseException) -> tuple[str, int, int]:
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            return error.filename, error.lineno, error.offset or 1
        return find_user_place(error, self._folder) or (str(self._file), 0, 0)

    def _add_place(self, error: DataPlatformError) -> None:
        """Puts the place in front of the message; InvalidSpec names the file that is invalid already."""
        place = None if isinstance(error, InvalidSpec) else find_user_place(error, self._folder)
        prefix = ":".join(map(str, place)) if place else ""
        if prefix and not error.message.startswith(prefix):
            error.message = f"{prefix}: {error.message}"


def find_user_place(error: BaseException, folder: Path) -> tuple[str, int, int] | None:
    """File, line and column of the last line of code in `folder` that the error passed; None if it passed none."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(Path(frame.filename), folder)]
    return (own[-1].filename, own[-1].lineno or 0, (own[-1].colno or 0) + 1) if own else None


def _is_own(file: Path, folder: Path) -> bool:
    inside = file.is_relative_to(folder) and not file.is_relative_to(_PACKAGE)
    return inside and "site-packages" not in file.parts


def _run(path: Path, folder: Path) -> ModuleType:
    name = "_".join(("pipelines_of", folder.name, *path.relative_to(folder).with_suffix("").parts))
    loader = SourceFileLoader(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path))
    spec.has_location = True
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up here
    with UserCode(folder, path):
        loader.exec_module(module)
    return module


def _is_helper(name: str, folder: Path) -> bool:
    file = getattr(sys.modules[name], "__file__", None)
    top = folder / name.partition(".")[0]
    return file is not None and (Path(file) == top.with_suffix(".py") or Path(file).is_relative_to(top))
