"""Merges a policies file into the policies in force: a file replaces the levels that it contains, and no others.

The levels are the global one (`policies`, None here) and one for each domain (`domain_policies.D`). The text of the
result keeps each level as it was written, with its comments, where its lines can be moved; else it is written anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from data_platform.errors import BadInput, InvalidSpec
from data_platform.spec.policies.loading import PolicyFile, judge_level
from data_platform.spec.policies.policy import PolicySet
from data_platform.spec.product.yaml.values import Plain, read_plain
from data_platform.spec.standards.yaml_out import write_yaml
from data_platform.spec.text.file import LINE_BREAK
from data_platform.spec.text.names import find_nearest
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml import tree
from data_platform.spec.text.yaml.tree import parse_yaml

Level = str | None
_GLOBAL, _DOMAINS = "policies", "domain_policies"


def merge_policies(current: PolicyFile | None, file: PolicyFile, domain: str | None = None) -> PolicyFile:
    """What holds once `file` is applied; `current` itself where that says the same.

    Raises BadInput for a file without a level, or with others than `domain` where one is named, and InvalidSpec where
    a level of the file contradicts one that holds.
    """
    _judge_levels_held(file, domain)
    if current is None:
        return file
    policies = _join_levels(current, file)
    _judge_across(policies, file)
    if set(current.levels) <= set(file.levels):
        return current if current.text == file.text else file
    before = _read_levels(current.text)
    plain = {**before, **_read_levels(file.text)}
    text = current.text if plain == before else _write_text(current.text, file.text, plain)
    return current if text == current.text else PolicyFile(file.origin, text, policies, file.warnings, tuple(plain))


def keep_levels(text: str, domains: Collection[str]) -> str:
    """The text of policies with the global ones and those of some domains alone."""
    levels = _read_levels(text)
    kept = {level: policies for level, policies in levels.items() if level is None or level in domains}
    if kept == levels:
        return text
    sections = {level: lines for level, lines in _split_sections(text).items() if level in kept}
    return _write_levels(sections, kept)


def _judge_levels_held(file: PolicyFile, domain: str | None) -> None:
    if not file.levels:
        hint = "write `policies: []` to remove the global ones, or `domain_policies: {DOMAIN: []}` for a domain's"
        raise BadInput(f"{file.origin} holds no policies, and so changes nothing", hint=hint)
    if domain is None:
        return
    others = [_name_level(level) for level in file.levels if level != domain]
    if others:
        domains = [level for level in file.levels if level is not None]
        if domain not in domains:
            near = find_nearest(domain, domains)
            hint = f"did you mean --domain {near}?" if near else _keep_only(domain)
            raise BadInput(f"{file.origin} has no policies of {domain}; it has {', '.join(others)}", hint=hint)
        raise BadInput(
            f"{file.origin} has {', '.join(others)} beside the policies of {domain}", hint=_keep_only(domain)
        )


def _keep_only(domain: str) -> str:
    return f"keep only `domain_policies: {{{domain}: …}}`, or apply it without --domain"


def _name_level(level: Level) -> str:
    return "global policies" if level is None else f"policies of {level}"


def _join_levels(current: PolicyFile, file: PolicyFile) -> PolicySet:
    domains = {**current.set.domain_policies, **file.set.domain_policies}
    return PolicySet(file.set.policies if None in file.levels else current.set.policies, domains)


def _judge_across(policies: PolicySet, file: PolicyFile) -> None:
    """Checks the levels of the file against those that stay unchanged, which its own reading does not see."""
    report = Report(file.origin)
    for domain, own in policies.domain_policies.items():
        if (domain in file.levels) is not (None in file.levels):
            for policy in own:
                judge_level(report, domain, policy, policies.policies, recorded=domain not in file.levels)
    report.close()


def _read_levels(text: str) -> dict[Level, Plain]:
    """The levels of a text as plain data."""
    report = Report(_GLOBAL)
    root = read_plain(report, parse_yaml(text, report), "a policy")
    levels: dict[Level, Plain] = {}
    if isinstance(root, dict):
        domains = root.get(_DOMAINS, {})
        levels = {None: root[_GLOBAL]} if _GLOBAL in root else {}
        levels.update(domains if isinstance(domains, dict) else {})
    return levels


def _write_text(current: str, file: str, plain: Mapping[Level, Plain]) -> str:
    """The levels in their own lines, if that reads back as it should."""
    return _write_levels({**_split_sections(current), **_split_sections(file)}, plain)


def _write_levels(sections: Mapping[Level, list[str]], plain: Mapping[Level, Plain]) -> str:
    if set(sections) == set(plain):
        text = _join_sections(sections)
        try:
            if _read_levels(text) == plain:
                return text
        except InvalidSpec:
            pass  # lines that cannot be moved, such as those of an alias
    domains = {level: policies for level, policies in plain.items() if level is not None}
    shared = {_GLOBAL: plain[None]} if None in plain else {}
    return write_yaml({**shared, **({_DOMAINS: domains} if domains else {})})


def _join_sections(sections: Mapping[Level, list[str]]) -> str:
    lines = list(sections.get(None, []))
    domains = [section for level, section in sections.items() if level is not None]
    if domains:
        lines += ["", f"{_DOMAINS}:"] if lines else [f"{_DOMAINS}:"]
    for section in domains:
        lines += [f"  {line}".rstrip() for line in section]
    return "\n".join(lines) + "\n"


def _split_sections(text: str) -> dict[Level, list[str]]:
    """The lines of each level, comments above it too; those of a domain without their indentation."""
    lines = LINE_BREAK.split(text)
    root = parse_yaml(text, Report(_GLOBAL))
    marks: list[tuple[int, int, Level | bool]] = []
    for key, value in root.entries if isinstance(root, tree.Mapping) else ():
        begin = _include_comments(lines, key.place.line - 1)
        marks.append((begin, key.place.column, None if key.text == _GLOBAL else False))
        if key.text == _DOMAINS and isinstance(value, tree.Mapping):
            marks += [(_include_comments(lines, k.place.line - 1), k.place.column, k.text) for k, _ in value.entries]
    ends = [begin for begin, _, _ in marks[1:]] + [len(lines)]
    return {
        level: _move_lines(lines[begin:end], column - 1)
        for (begin, column, level), end in zip(marks, ends, strict=True)
        if not isinstance(level, bool)
    }


def _include_comments(lines: list[str], begin: int) -> int:
    while begin and lines[begin - 1].lstrip().startswith("#"):
        begin -= 1
    return begin


def _move_lines(lines: list[str], by: int) -> list[str]:
    moved = [line[by:] if not line[:by].strip() else line.lstrip() for line in lines]
    while moved and not moved[-1].strip():
        moved.pop()
    return moved
