"""Every error the platform raises, as one tree named by what the caller can do about it.

DataPlatformError
├── BadInput               mend what you wrote, then call again            exit code 2
│   ├── InvalidSpec        a file you wrote is wrong: `.problems`, each with file:line:column
│   ├── UnreadableData     the data file or object cannot be read
│   ├── NotFound           no such product, output, version, column, source
│   ├── FrameError         the DataFrame cannot mean what it says
│   ├── QueryFailed        a SELECT has no answer: wrong names, too slow, too large
│   └── MissingExtra       an optional library is not installed: `.extra`
├── Refused                the contract, a rule or a policy says no        exit code 1
│   ├── SchemaMismatch     the data does not fit its contract, column by column: `.mismatches`
│   ├── NoRows             no rows at all would replace those that are there
│   ├── IncompatibleChange the contract would break its readers: `.breaks`
│   ├── PolicyViolation    a policy of the mesh or of the domain is not kept: `.findings`
│   ├── OwnershipConflict  the name belongs to somebody else
│   ├── AccessDenied       this principal may not do this
│   ├── ContractMoved      the contract changed while the data was being judged
│   └── quality.DataQualityError   rules failed: `.failures`
└── Unavailable            the machine says no: disk, permission, database  exit code 2
    ├── StorageFailed
    ├── SourceFailed       a pipeline's source does not answer
    ├── RecordFailed
    └── RecordTooNew       a newer data-platform wrote this record
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data_platform.installing import pip_install


class DataPlatformError(Exception):
    """The root: catching it catches all that the platform raises on purpose."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class BadInput(DataPlatformError):
    """What the caller wrote is wrong; nothing was written."""


class Refused(DataPlatformError):
    """A contract, rule or policy says no; the last good version still stands."""

    exit_code = 1

    @property
    def summary(self) -> str:
        """The reason in one line."""
        return self.message.partition("\n")[0].removesuffix(":")


class Unavailable(DataPlatformError):
    """The machine says no; nothing half-done is visible and a retry may succeed."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong (or doubtful) in a file somebody wrote; `line` and `column` count from 1, 0 is the whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f"\n  → {self.hint}" if self.hint else "")


class InvalidSpec(BadInput):
    """A product.yaml, schema or settings file is wrong: all its problems at once, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column)))
        super().__init__("\n".join(map(str, self.problems)))


class UnreadableData(BadInput):
    """The data handed in cannot be read as a table."""


class NotFound(BadInput):
    """No such product, output, version, column or source; the hint has the nearest name."""


class FrameError(BadInput):
    """A DataFrame operation that cannot mean what it says, such as a join without a key."""


class QueryFailed(BadInput):
    """A SELECT has no answer: it is no SELECT, names what is not there, or takes more than a query may."""


class MissingExtra(BadInput):
    """An optional library is missing; the hint has the command that installs the extra it belongs to."""

    def __init__(self, library: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{library} is not installed", hint=pip_install(extra))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One column where data and contract differ; `kind` is extra, missing, type, null or value."""

    column: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.column}: {self.message}"


class SchemaMismatch(Refused):
    """The data does not fit the contract's schema: every column that differs."""

    def __init__(
        self, subject: str, mismatches: Sequence[Mismatch], *, file: str | None = None, hint: str | None = None
    ) -> None:
        self.mismatches = tuple(mismatches)
        lines = "\n".join(f"  {mismatch}" for mismatch in self.mismatches)
        contract = f"the contract of {subject}" if subject else "its contract"
        super().__init__(f"{file or 'the data'} does not fit {contract}:\n{lines}", hint=hint)

    @property
    def summary(self) -> str:
        """One line: that it does not fit, and in which columns."""
        return _with_names(super().summary, [mismatch.column for mismatch in self.mismatches])


@dataclass(frozen=True, slots=True)
class Break:
    """One change of a contract that breaks readers: what changed, and why it breaks.

    `columns` are the columns of `output` that it touches; none means the output (or the product) as a whole.
    `consumers` are those who rely on them, in words, where that was looked up.
    """

    subject: str
    message: str
    columns: tuple[str, ...] = ()
    output: str | None = None
    consumers: tuple[str, ...] = ()

    def __str__(self) -> str:
        readers = f"; read by {_some(self.consumers)}" if self.consumers else ""
        return f"{self.subject}: {self.message}{readers}"


class IncompatibleChange(Refused):
    """The changed contract would break those who read it: every break at once."""

    def __init__(self, product: str, breaks: Sequence[Break], *, hint: str | None = None) -> None:
        self.breaks = tuple(breaks)
        lines = "\n".join(f"  {item}" for item in self.breaks)
        super().__init__(f"the change to {product} would break its readers:\n{lines}", hint=hint)

    @property
    def summary(self) -> str:
        """One line: that it breaks them, and with what."""
        return _with_names(super().summary, [item.subject for item in self.breaks])


@dataclass(frozen=True, slots=True)
class Violation:
    """A policy that `subject` (`orders_fact.customer_email`, or the product) does not keep, and why.

    `enforcement` is blocking or warning; one that is waived stops nothing until `waived_until`.
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
    """Policies say no: every blocking violation at once."""

    def __init__(self, product: str, findings: Sequence[Violation]) -> None:
        self.product = product
        self.findings = tuple(findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        policies = dict.fromkeys(finding.policy for finding in self.findings)
        ways = [f"data-platform policies waive {product} {name} --reason TEXT --until DATE" for name in policies]
        hint = "\n".join(["fix it, or ask for a waiver, which another user approves:", *ways])
        super().__init__(f"policies refuse {product}:\n{lines}", hint=hint)

    @property
    def summary(self) -> str:
        """One line: that policies refuse it, and which."""
        return _with_names(super().summary, [finding.policy for finding in self.findings])


def _with_names(what: str, names: Sequence[str]) -> str:
    """The sentence with up to five names."""
    return f"{what}: {_some(names)}"


def _some(names: Sequence[str]) -> str:
    """Up to five names, and how many more there are."""
    known = list(dict.fromkeys(names))
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    return f"{', '.join(known[:5])}{more}"


class NoRows(Refused):
    """Data without rows would replace rows in an output without a schema; a flag allows it."""


class OwnershipConflict(Refused):
    """The product's name is taken by another owner."""


class AccessDenied(Refused):
    """The principal may not do this; the message has the deciding reason."""


class ContractMoved(Refused):
    """The contract changed while the data was being judged; publish again under the new one."""


class StorageFailed(Unavailable):
    """Files cannot be read or written: disk full, no permission, a file is gone."""


class SourceFailed(Unavailable):
    """A source that settings.toml declares cannot be reached, or answers with an error; no secret is in the message."""


class RecordFailed(Unavailable):
    """The record's database cannot be opened, or stays locked."""


class RecordTooNew(Unavailable):
    """A newer data-platform wrote this record; upgrade data-platform to open it."""


def out_of_memory() -> Unavailable:
    """What stands for Python's MemoryError, and for its kin of the libraries."""
    return Unavailable("there is not enough memory for this", hint="free memory, or work on fewer rows at once")
