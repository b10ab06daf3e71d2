"""The root command group, which turns every error into a message on stderr and an exit code.

0 success, 1 refused, 2 invalid input or unavailable, 130 interrupted, 141 the reader of stdout is gone. With `--json`
the error is also printed as an object on stdout, so that a script always gets JSON.
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
from data_platform.settings.server_variables import find_server_url

_HELP = frozenset(["-h", "--help"])
FAILED, INTERRUPTED, PIPE_CLOSED = 2, 130, 141
DEBUG = "DATA_PLATFORM_DEBUG"
COMPLETE = "_DATA_PLATFORM_COMPLETE"
"""Set by the script of `completion` when the shell requests names."""
_NO_ROOM = re.compile("failed to map segment|[Cc]annot allocate memory")
"""Messages of the dynamic loader for a library that does not fit into memory."""


class RootGroup(LazyGroup):
    """The root group: `main` prints no traceback, except with `--debug`."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Runs a command line and exits."""
        arguments = list(sys.argv[1:] if args is None else args)
        _prepare_streams()
        extra["standalone_mode"] = False
        if os.environ.get(COMPLETE):
            _discard_stream(sys.stderr)  # errors must not disturb the command line while a user types
        code = _run_guarded(lambda: super(RootGroup, self).main(arguments, *rest, **extra) or 0, arguments)
        sys.exit(_flush_stdout(code))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command of the arguments; refuses one that needs a home, if a server has the mesh."""
        name, command, rest = super().resolve_command(ctx, args)
        url = find_server_url()
        if url is not None and name is not None and not _HELP.intersection(rest):
            import_module("data_platform.verbs.registry.home_commands").refuse_for_client(name, url)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; handles a closed stdout here, before click treats it as a failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _handle_closed_pipe()
        except EOFError as error:  # click would treat it as Ctrl-D
            raise _to_platform_error(error) from error


def _run_guarded(run: Callable[[], int], arguments: Sequence[str]) -> int:
    try:
        return run()
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the outermost handler: no traceback may be printed
        if "--debug" in arguments or os.environ.get(DEBUG):
            traceback.print_exc()
        return _report_error(
            _to_platform_error(error), as_json="--json" in arguments and not isinstance(error, StdoutFailed)
        )


def _to_platform_error(error: Exception) -> DataPlatformError:
    """Converts any exception to a DataPlatformError."""
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
        hint=f"this is a bug in data-platform: run it again with {DEBUG}=1 and report the output to the maintainers",
    )


def _has_working_directory() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _report_error(error: DataPlatformError, *, as_json: bool) -> int:
    if isinstance(error, StdoutFailed):
        _discard_stream(sys.stdout)
    try:
        errors = import_module("data_platform.cli.console.errors")  # loaded only when an error occurs
        errors.print_error(error)
        if as_json:
            errors.print_error_json(error)
    except BrokenPipeError:
        return _handle_closed_pipe()
    except StdoutFailed as failure:
        _discard_stream(sys.stdout)
        print(failure, file=sys.stderr)
        return FAILED
    except (MemoryError, ImportError):  # not enough memory for a styled message
        print(error, file=sys.stderr)
    return error.exit_code


def _prepare_streams() -> None:
    """Replaces closed streams with os.devnull, and escapes characters that the encoding cannot represent."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115
        elif reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _flush_stdout(code: int) -> int:
    """Flushes stdout while a full disk or a closed pipe can still be reported; returns the exit code."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _handle_closed_pipe()
    except OSError as error:
        _discard_stream(sys.stdout)
        print(f"the answer cannot be written to stdout: {error.strerror}", file=sys.stderr)
        return FAILED
    return code


def _handle_closed_pipe() -> int:
    _discard_stream(sys.stdout)
    return PIPE_CLOSED


def _discard_stream(stream: TextIO) -> None:
    """Redirects the stream to os.devnull, so that Python reports no error for buffered output at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
