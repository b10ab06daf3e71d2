"""Formats the results of `test` as JUnit XML for CI systems: a suite per output, a test case per check.

The form is the one that Jenkins, GitLab and GitHub actions accept: `failure` for a failed rule, `error` for a blocking
rule without a verdict, `skipped` for a check that could not run. A warning does not fail its test case, and is written
to `system-out`. XML 1.0 has no control characters: they are written as ␀, ␛ and so on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from data_platform.cli.views.contract_test import TestedOutput
from data_platform.errors import DataPlatformError
from data_platform.spec.text.json_values import dump_json
from data_platform.verbs.testing.contract_test_report import Finding, Status

_COUNTED = {"failures": Status.FAILED, "errors": Status.ERROR, "skipped": Status.SKIPPED}


def format_junit(contract: str, tested: Sequence[TestedOutput], now: datetime, *, strict: bool = False) -> str:
    """Returns the report as an XML document; with `strict`, warnings are failures."""
    root = ElementTree.Element("testsuites", {"name": escape_illegal(contract)})
    suites = [_build_suite(output, now, strict) for output in tested]
    root.extend(suites)
    for count in ("tests", *_COUNTED):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", f"{sum(output.seconds for output in tested):.3f}")
    return _render_document(root)


def format_junit_error(contract: str, error: DataPlatformError, now: datetime) -> str:
    """Returns the report of a test that could not run: one test case, with the error."""
    counts = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0", "time": "0"}
    root = ElementTree.Element("testsuites", {"name": escape_illegal(contract), **counts})
    about = {"name": escape_illegal(contract), **counts, "timestamp": _format_moment(now)}
    suite = ElementTree.SubElement(root, "testsuite", about)
    name = "contract and data can be read"
    case = ElementTree.SubElement(suite, "testcase", {"classname": escape_illegal(contract), "name": name, "time": "0"})
    first = error.message.partition("\n")[0]
    details = ElementTree.SubElement(case, "error", {"message": escape_illegal(first), "type": type(error).__name__})
    details.text = escape_illegal(str(error))
    return _render_document(root)


def _render_document(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return f"{_DECLARATION}\n{ElementTree.tostring(root, encoding='unicode')}\n"


def _format_moment(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def _build_suite(tested: TestedOutput, now: datetime, strict: bool) -> ElementTree.Element:
    findings = tested.result.findings
    states = [_decide_status(finding, strict) for finding in findings]
    counts = {name: str(states.count(status)) for name, status in _COUNTED.items()}
    about = {
        "name": tested.subject,
        "tests": str(len(findings)),
        **counts,
        "timestamp": _format_moment(now),
        "time": f"{tested.seconds:.3f}",
    }
    suite = ElementTree.Element("testsuite", {key: escape_illegal(value) for key, value in about.items()})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("data", tested.data), ("rows", tested.result.rows), ("outcome", tested.result.outcome)):
        if value is not None:
            ElementTree.SubElement(properties, "property", {"name": name, "value": escape_illegal(str(value))})
    for finding, status in zip(findings, states, strict=True):
        suite.append(_build_case(tested, finding, status))
    return suite


def _decide_status(finding: Finding, strict: bool) -> Status:
    return Status.FAILED if strict and finding.status is Status.WARNED else finding.status


def _build_case(tested: TestedOutput, finding: Finding, status: Status) -> ElementTree.Element:
    """Builds a test case. Its time is 0, because all checks run in one statement; the suite has the time."""
    name = escape_illegal(finding.check)
    case = ElementTree.Element("testcase", {"classname": escape_illegal(tested.subject), "name": name, "time": "0"})
    message = escape_illegal(_describe_finding(finding))
    if status is Status.SKIPPED:
        ElementTree.SubElement(case, "skipped", {"message": message})
    elif status in (Status.FAILED, Status.ERROR):
        word = "failure" if status is Status.FAILED else "error"
        wrong = ElementTree.SubElement(case, word, {"message": message, "type": finding.kind})
        wrong.text = escape_illegal(
            "\n".join([_describe_finding(finding), *filter(None, [finding.description]), *map(dump_json, finding.rows)])
        )
    elif status is Status.WARNED:
        ElementTree.SubElement(case, "system-out").text = escape_illegal(f"warning: {_describe_finding(finding)}")
    return case


def _describe_finding(finding: Finding) -> str:
    if finding.reason:
        return finding.reason
    value = "a protected value" if finding.value is None else finding.value
    return f"{value}, and {finding.demand} was required"


def escape_illegal(text: str) -> str:
    """Replaces every character that XML 1.0 (section 2.2, Char) does not allow by a visible one."""
    return text if text.isprintable() else "".join(char if _is_legal(char) else _replace_illegal(char) for char in text)


def _is_legal(char: str) -> bool:
    return char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000"


def _replace_illegal(char: str) -> str:
    """Returns the Unicode symbol of a control character, or the replacement character."""
    return chr(0x2400 + ord(char)) if char < " " else "\ufffd"
