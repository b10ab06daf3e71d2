"""What `test` found as JUnit XML, which CI systems read: a suite an output, a test case a check.

The form is the one that Jenkins, GitLab and GitHub's actions share: `failure` for what a rule refuses, `error` for a
blocking rule that gave no verdict, `skipped` for what could not run. A warning stops nothing, so its test case passes
and says so in `system-out`. XML 1.0 knows no control characters: they are shown as ␀, ␛ and the like.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from data_platform.cli.console.json import dumped
from data_platform.cli.views.contract_test import Tested
from data_platform.errors import DataPlatformError
from data_platform.verbs.testing.contract_test_report import Finding, Status

_COUNTED = {"failures": Status.FAILED, "errors": Status.ERROR, "skipped": Status.SKIPPED}


def junit_xml(contract: str, tested: Sequence[Tested], now: datetime, *, strict: bool = False) -> str:
    """The report as an XML document; with `strict` warnings are failures."""
    root = ElementTree.Element("testsuites", {"name": legal(contract)})
    suites = [_suite(each, now, strict) for each in tested]
    root.extend(suites)
    for count in ("tests", *_COUNTED):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{sum(each.seconds for each in tested):.3f}")
    return _document(root)


def junit_error(contract: str, error: DataPlatformError, now: datetime) -> str:
    """The report where nothing could be judged: one test case, with the error."""
    counts = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0", "time": "0"}
    root = ElementTree.Element("testsuites", {"name": legal(contract), **counts})
    about = {"name": legal(contract), **counts, "timestamp": _moment(now)}
    suite = ElementTree.SubElement(root, "testsuite", about)
    name = "contract and data can be read"
    case = ElementTree.SubElement(suite, "testcase", {"classname": legal(contract), "name": name, "time": "0"})
    first = error.message.partition("\n")[0]
    told = ElementTree.SubElement(case, "error", {"message": legal(first), "type": type(error).__name__})
    told.text = legal(str(error))
    return _document(root)


def _document(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return f"{_DECLARATION}\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def _suite(each: Tested, now: datetime, strict: bool) -> ElementTree.Element:
    findings = each.result.findings
    states = [_status(found, strict) for found in findings]
    counts = {name: str(states.count(status)) for name, status in _COUNTED.items()}
    about = {
        "name": each.subject,
        "tests": str(len(findings)),
        **counts,
        "timestamp": _moment(now),
        "time": f"{each.seconds:.3f}",
    }
    suite = ElementTree.Element("testsuite", {key: legal(value) for key, value in about.items()})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("data", each.data), ("rows", each.result.rows), ("outcome", each.result.outcome)):
        if value is not None:
            ElementTree.SubElement(properties, "property", {"name": name, "value": legal(str(value))})
    for found, status in zip(findings, states, strict=True):
        suite.append(_case(each, found, status))
    return suite


def _status(found: Finding, strict: bool) -> Status:
    return Status.FAILED if strict and found.status is Status.WARNED else found.status


def _case(each: Tested, found: Finding, status: Status) -> ElementTree.Element:
    """The checks' own times are not known: they run in one statement, and the suite has the time of all."""
    name = legal(found.check)
    case = ElementTree.Element("testcase", {"classname": legal(each.subject), "name": name, "time": "0"})
    told = legal(_told(found))
    if status is Status.SKIPPED:
        ElementTree.SubElement(case, "skipped", {"message": told})
    elif status in (Status.FAILED, Status.ERROR):
        word = "failure" if status is Status.FAILED else "error"
        wrong = ElementTree.SubElement(case, word, {"message": told, "type": found.kind})
        wrong.text = legal("\n".join([_told(found), *filter(None, [found.description]), *map(dumped, found.rows)]))
    elif status is Status.WARNED:
        ElementTree.SubElement(case, "system-out").text = legal(f"warning: {_told(found)}")
    return case


def _told(found: Finding) -> str:
    if found.reason:
        return found.reason
    value = "a protected value" if found.value is None else found.value
    return f"{value}, and {found.demand} was wanted"


def legal(text: str) -> str:
    """The text with every character that XML 1.0 (section 2.2, Char) does not know made visible."""
    return text if text.isprintable() else "".join(each if _is_legal(each) else _picture(each) for each in text)


def _is_legal(each: str) -> bool:
    return each in "\t\n\r" or " " <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd" or each >= "\U00010000"


def _picture(each: str) -> str:
    """Unicode's own pictures of the control characters."""
    return chr(0x2400 + ord(each)) if each < " " else "\ufffd"
