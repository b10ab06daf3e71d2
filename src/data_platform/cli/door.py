"""The one door: whatever goes wrong behind it becomes a message on stderr and an exit code.

0 done, 1 refused, 2 bad input or unavailable; 130 interrupted, 141 nobody reads stdout any more. With `--json` the
error is also an object on stdout, so that a script always gets JSON.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

import click

from data_platform.cli.console.stdout import StdoutFailed
from data_platform.cli.lazy import LazyGroup
from data_platform.cli.usage import Usage
from data_platform.errors import DataPlatformError, out_of_memory

FAILED, INTERRUPTED, NOBODY_READS = 2, 130, 141
DEBUG = "DATA_PLATFORM_DEBUG"
COMPLETE = "_DATA_PLATFORM_COMPLETE"
"""Set by the script of `completion` when the shell asks for names."""
_NO_ROOM = re.compile("failed to map segment|[Cc]annot allocate memory")
"""What the loader says of a library that does not fit into memory."""


class Door(LazyGroup):
    """The root group: `main` never lets a traceback out, unless `--debug` asks for it."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Runs a command line and exits."""
        arguments = list(sys.argv[1:] if args is None else args)
        _prepare_streams()
        extra["standalone_mode"] = False
        if os.environ.get(COMPLETE):
            _silence(sys.stderr)  # whatever goes wrong, a person who types sees nothing of it
        code = _guarded(lambda: super(Door, self).main(arguments, *rest, **extra) or 0, arguments)
        sys.exit(_flushed(code))

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a reader who has gone is told apart here, before click takes it for a failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _unread()
        except EOFError as error:  # which click takes for somebody's Ctrl-D
            raise _as_ours(error) from error


def _guarded(run: Callable[[], int], arguments: Sequence[str]) -> int:
    try:
        return run()
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the one door: nothing may leave as a traceback
        if "--debug" in arguments or os.environ.get(DEBUG):
            traceback.print_exc()
        return _told(_as_ours(error), as_json="--json" in arguments and not isinstance(error, StdoutFailed))


def _as_ours(error: Exception) -> DataPlatformError:
    """Any error as one that can be told."""
    if isinstance(error, DataPlatformError):
        return error
    if isinstance(error, click.ClickException):
        return Usage(error)
    if isinstance(error, MemoryError) or (isinstance(error, ImportError) and _NO_ROOM.search(str(error))):
        return out_of_memory()
    if isinstance(error, OSError):
        if not _has_working_directory():
            return DataPlatformError("the working directory does not exist any more", hint="cd to a folder that does")
        return DataPlatformError(f"system error: {error}")
    return DataPlatformError(
        f"unexpected {type(error).__name__}: {error}",
        hint=f"this is a bug of data-platform: run it again with {DEBUG}=1 and report its output to the maintainers",
    )


def _has_working_directory() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _told(error: DataPlatformError, *, as_json: bool) -> int:
    if isinstance(error, StdoutFailed):
        _silence(sys.stdout)
    try:
        complaints = import_module("data_platform.cli.console.errors")  # what it needs is loaded only when it is needed
        complaints.complain(error)
        if as_json:
            complaints.complain_json(error)
    except BrokenPipeError:
        return _unread()
    except StdoutFailed as failure:
        _silence(sys.stdout)
        print(failure, file=sys.stderr)
        return FAILED
    except (MemoryError, ImportError):  # there is not even enough for a message in colours
        print(error, file=sys.stderr)
    return error.exit_code


def _prepare_streams() -> None:
    """A closed stream swallows what is written, and a character that the encoding lacks is escaped."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115
        elif reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _flushed(code: int) -> int:
    """Flushes here, where a full disk or a closed pipe can still be told."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _unread()
    except OSError as error:
        _silence(sys.stdout)
        print(f"the answer cannot be written to stdout: {error.strerror}", file=sys.stderr)
        return FAILED
    return code


def _unread() -> int:
    _silence(sys.stdout)
    return NOBODY_READS


def _silence(stream: TextIO) -> None:
    """What is still buffered goes nowhere, so that Python does not complain at its exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
