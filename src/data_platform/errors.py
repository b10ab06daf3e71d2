"""The error classes of the platform, as a tree by what the caller can do about an error.

DataPlatformError
├── BadInput               invalid input: correct it and retry              exit code 2
│   ├── InvalidSpec        an invalid file: `.problems`, each with file:line:column
│   ├── UnreadableData     the data file or object cannot be read
│   ├── NotFound           no such product, output, version, column, source
│   ├── FrameError         an invalid DataFrame operation
│   ├── QueryFailed        a SELECT failed: unknown names, too slow, too large
│   ├── MissingExtra       an optional library is not installed: `.extra`
│   ├── NotAuthenticated   the server does not know the caller: no token, or one that is not valid
│   └── TooLarge           the request, or a row of its data, has more bytes than are taken
├── Refused                refused by a contract, a rule or a policy       exit code 1
│   ├── SchemaMismatch     the data does not match its contract, by column: `.mismatches`
│   ├── NoRows             data without rows would replace existing rows
│   ├── IncompatibleChange the contract would break its readers: `.breaks`
│   ├── PolicyViolation    a policy of the mesh or of the domain is violated: `.findings`
│   ├── OwnershipConflict  the name belongs to another owner
│   ├── AccessDenied       the principal is not allowed to do this
│   ├── ContractMoved      the contract changed during the publish
│   ├── RunConflict        the run is over, or another run has its attempt
│   ├── KeyReused          an idempotency key came before with another request
│   ├── AnswerLost         the request of an idempotency key was carried out, and its answer was lost
│   └── quality.DataQualityError   rules failed: `.failures`
└── Unavailable            infrastructure failure: disk, permission, database  exit code 2
    ├── StorageFailed
    ├── SourceFailed       a source of a pipeline does not answer
    ├── RecordFailed
    ├── ServerFailed       the server of `DATA_PLATFORM_URL` does not answer, or not as one
    ├── LimitExceeded      too many requests, or a quota is used up: `.retry_after` seconds
    │   └── KeyInUse       the first request of an idempotency key still runs
    └── RecordTooNew       a newer data-platform wrote this record
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data_platform.installing import format_pip_command


class DataPlatformError(Exception):
    """The base class of all errors that the platform raises.

    The attributes that a class declares are what `verbs/wire/errors` writes of it as JSON.
    """

    exit_code = 2
    message: str
    hint: str | None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        message = _escape_surrogates(message)
        super().__init__(message)
        self.message = message
        self.hint = _escape_surrogates(hint) if hint else hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


def _escape_surrogates(text: str) -> str:
    """The text with lone surrogates as escapes: no stream could print them. File names that are not UTF-8 have some."""
    return text.encode("utf-8", "backslashreplace").decode()


class BadInput(DataPlatformError):
    """The input is invalid; nothing was written."""


class Refused(DataPlatformError):
    """Refused by a contract, rule or policy; the last version is unchanged."""

    exit_code = 1

    @property
    def summary(self) -> str:
        """The reason in one line."""
        return self.message.partition("\n")[0].removesuffix(":")


class Unavailable(DataPlatformError):
    """Infrastructure failure; no partial result is visible, and a retry may succeed."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """An error or warning about a file; `line` and `column` count from 1, and 0 is the whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f"\n  → {self.hint}" if self.hint else "")


class InvalidSpec(BadInput):
    """A product.yaml, schema or settings file is invalid: all its problems, in file order."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column)))
        super().__init__("\n".join(map(str, self.problems)))


class UnreadableData(BadInput):
    """The data cannot be read as a table."""


class NotFound(BadInput):
    """No such product, output, version, column or source; the hint has the nearest name."""


class FrameError(BadInput):
    """An invalid DataFrame operation, such as a join without a key."""


class QueryFailed(BadInput):
    """A query failed: it is not a SELECT, uses unknown names, or exceeds the limits."""


class MissingExtra(BadInput):
    """An optional library is missing; the hint has the command that installs the extra it belongs to."""

    extra: str

    def __init__(self, library: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{library} is not installed", hint=format_pip_command(extra))


class NotAuthenticated(BadInput):
    """The request has no token, or one that is unknown, expired or revoked."""


class TooLarge(BadInput):
    """The request, or a part of it such as one row of its data, has more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between data and contract in one column; `kind` is extra, missing, type, null or value."""

    column: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.column}: {self.message}"


class SchemaMismatch(Refused):
    """The data does not match the schema of the contract: all columns that differ.

    `subject` is the output whose contract it is; `the rows`, `the frame` and the like for data that cannot be a table.
    """

    mismatches: tuple[Mismatch, ...]

    def __init__(
        self, subject: str, mismatches: Sequence[Mismatch], *, file: str | None = None, hint: str | None = None
    ) -> None:
        self.mismatches = tuple(mismatches)
        lines = "\n".join(f"  {mismatch}" for mismatch in self.mismatches)
        if subject.startswith("the "):  # data that has no contract yet
            what = f"{file or subject} cannot become a table"
        else:
            what = f"{file or 'the data'} does not fit {f'the contract of {subject}' if subject else 'its contract'}"
        super().__init__(f"{what}:\n{lines}", hint=hint)

    @property
    def summary(self) -> str:
        """One line with the columns that differ."""
        return _with_names(super().summary, [mismatch.column for mismatch in self.mismatches])


@dataclass(frozen=True, slots=True)
class Break:
    """A change of a contract that breaks readers, with the reason.

    `columns` are the affected columns of `output`; none means the whole output (or product). `consumers` describes the
    affected readers, if they were determined.
    """

    subject: str
    message: str
    columns: tuple[str, ...] = ()
    output: str | None = None
    consumers: tuple[str, ...] = ()

    def __str__(self) -> str:
        readers = f"; read by {_list_some(self.consumers)}" if self.consumers else ""
        return f"{self.subject}: {self.message}{readers}"


class IncompatibleChange(Refused):
    """The changed contract would break its readers: all breaks."""

    breaks: tuple[Break, ...]

    def __init__(self, product: str, breaks: Sequence[Break], *, hint: str | None = None) -> None:
        self.breaks = tuple(breaks)
        lines = "\n".join(f"  {item}" for item in self.breaks)
        super().__init__(f"the change to {product} would break its readers:\n{lines}", hint=hint)

    @property
    def summary(self) -> str:
        """One line with the subjects of the breaks."""
        return _with_names(super().summary, [item.subject for item in self.breaks])


@dataclass(frozen=True, slots=True)
class Violation:
    """A policy that `subject` (`orders_fact.customer_email`, or the product) violates, with the reason.

    `enforcement` is blocking or warning; a waived violation does not block until `waived_until`.
    """

    policy: str
    subject: str
    reason: str
    enforcement: str
    waived_until: datetime | None = None

    @property
    def blocks(self) -> bool:
        """Whether it refuses."""
        return self.enforcement == "blocking" and self.waived_until is None

    def __str__(self) -> str:
        waived = f", waived until {self.waived_until:%Y-%m-%d}" if self.waived_until else ""
        return f"policy {self.policy}{waived}: {self.subject}: {self.reason}"


class PolicyViolation(Refused):
    """Refused by policies: all blocking violations."""

    product: str
    findings: tuple[Violation, ...]

    def __init__(self, product: str, findings: Sequence[Violation]) -> None:
        self.product = product
        self.findings = tuple(findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        policies = dict.fromkeys(finding.policy for finding in self.findings)
        ways = [f"data-platform policies waive {product} {name} --reason TEXT --until DATE" for name in policies]
        hint = "\n".join(["fix it, or request a waiver, which another user must approve:", *ways])
        super().__init__(f"policies refuse {product}:\n{lines}", hint=hint)

    @property
    def summary(self) -> str:
        """One line with the violated policies."""
        return _with_names(super().summary, [finding.policy for finding in self.findings])


def _with_names(what: str, names: Sequence[str]) -> str:
    """Returns the sentence with up to five names."""
    return f"{what}: {_list_some(names)}"


def _list_some(names: Sequence[str]) -> str:
    """Returns up to five names, and the number of others."""
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - 5} more" if len(distinct) > 5 else ""
    return f"{', '.join(distinct[:5])}{more}"


class NoRows(Refused):
    """Data without rows would replace rows of an output without a schema; an option allows it."""


class OwnershipConflict(Refused):
    """The product's name is taken by another owner."""


class AccessDenied(Refused):
    """The principal is not allowed to do this; the message has the reason."""


class ContractMoved(Refused):
    """The contract changed during the publish; publish again with the new contract."""


class RunConflict(Refused):
    """The run is over, or another run has its attempt of the scheduled time."""


class KeyReused(Refused):
    """The idempotency key came before with another request."""


class AnswerLost(Refused):
    """The request of an idempotency key was carried out, and its process ended before it could answer."""


class StorageFailed(Unavailable):
    """Files cannot be read or written: disk full, no permission, a missing file."""


class SourceFailed(Unavailable):
    """A source of settings.toml cannot be reached, or returns an error; the message contains no secret."""


class RecordFailed(Unavailable):
    """The record's database cannot be opened, or stays locked."""


class ServerFailed(Unavailable):
    """The server cannot be reached, or does not answer as a server of data-platform does."""


class LimitExceeded(Unavailable):
    """Too many requests at once, or a quota is used up; a retry after `retry_after` seconds may succeed."""

    retry_after: int | None

    def __init__(self, message: str, *, retry_after: int | None = None, hint: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, hint=hint)


class KeyInUse(LimitExceeded):
    """The first request of an idempotency key still runs; a retry after `retry_after` seconds may get its answer."""


class RecordTooNew(Unavailable):
    """A newer data-platform wrote this record; upgrade data-platform to open it."""


def out_of_memory() -> Unavailable:
    """Returns the error that replaces MemoryError and similar errors of libraries."""
    return Unavailable("not enough memory", hint="free memory, or process fewer rows at once")
