"""The text of a query as the command line gives it, and what to do instead where it asks for something else."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from data_platform.cli.console.stdout import require_stdin
from data_platform.errors import BadInput, QueryFailed
from data_platform.spec.text.file import LARGEST, NoRegularFile, read_bounded
from data_platform.spec.text.paths import to_path

STDIN = "-"
_CATALOG = "data-platform search lists the products, data-platform show PRODUCT its outputs and columns"
_WRITES = "data-platform publish writes a version of an output; --out FILE writes the rows of a query"
_INSTEAD = {
    ("show", "describe", "desc", "pragma"): _CATALOG,
    (
        "summarize",
    ): "SELECT count(*), min(…), max(…) has figures; data-platform quality PRODUCT tells how good the data is",
    ("explain", "analyze"): "write the SELECT alone: its plan cannot be asked for",
    ("insert", "update", "delete", "merge", "create", "drop", "alter", "truncate", "copy", "export", "import"): _WRITES,
    ("attach", "use", "set", "install", "load", "call"): 'every output you may read is there: FROM "product".output',
}
_FIRST = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/)*([A-Za-z]+)\b(?!\s*\.)", re.DOTALL)
_COMMENT = re.compile(r"--(\s|[^\n]*\n)")


class QueryCommand(click.Command):
    """A command whose argument may begin with a comment of SQL, `-- …`, which is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts such an argument behind the options."""
        queries = [arg for arg in args if _COMMENT.match(arg)]
        if queries and "--" not in args:
            args = [*(arg for arg in args if arg not in queries), "--", *queries]
        return super().parse_args(ctx, args)


def query_of(query: str | None, file: Path | None) -> str:
    """The SQL; BadInput where there is none, or two. `-` is standard input in either place."""
    if (query is None) == (file is None):
        raise BadInput(
            "there is no query" if query is None else "there are two queries",
            hint="data-platform sql 'SELECT …', or data-platform sql --file FILE",
        )
    if STDIN in (query, str(file)):
        require_stdin()
        text = sys.stdin.read()
    else:
        text = _read(file) if file is not None else query or ""
        _judge_name(text if file is None else "")
    _judge(text)
    return text


def _read(file: Path) -> str:
    try:
        data = read_bounded(to_path(file, "--file"), LARGEST)
        if len(data) > LARGEST:
            raise BadInput(f"{file} has more than {LARGEST:,} bytes, the most that is read")
        return data.decode("utf-8-sig")
    except NoRegularFile as error:
        raise BadInput(f"{file}: {error}", hint="a query from a pipe: --file -") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not text in UTF-8") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error


def _judge_name(text: str) -> None:
    name = text.strip()
    if name.lower().endswith(".sql") and "\n" not in name and not name.lower().startswith(("select", "from", "with")):
        raise BadInput(f"{name} names a file, and is no query", hint=f"data-platform sql --file {name}")


def _judge(text: str) -> None:
    found = _FIRST.match(text)
    word = found[1].lower() if found else ""
    for words, hint in _INSTEAD.items():
        if word in words:
            raise QueryFailed(f"a query is one SELECT, and this begins with {word.upper()}", hint=hint)
