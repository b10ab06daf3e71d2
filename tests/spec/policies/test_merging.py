"""A policies file changes the levels that it holds, and the merged text says exactly that."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput, InvalidSpec
from data_platform.spec.policies import PolicyFile, merge_policies, read_policies

GLOBAL = """\
# The federation's.
policies:
  # since the audit of 2026
  - name: retention
    rule:
      type: metadata-check
      condition: |
        # a comment of the language stays text
        ASSERT product.retention_days IS NOT NULL
"""
FINANCE = """\
# Finance's own file.
domain_policies:
  finance:   # ours
    - {name: audit-trail}
    # the lawyers asked
    - name: reviewed-by-legal
"""
SALES = "domain_policies: {sales: [{name: seen-by-sales}]}\n"


def policies(text: str, origin: str = "policies.yaml") -> PolicyFile:
    return read_policies(text, origin)


def plain(file: PolicyFile) -> dict[str, object]:
    read: dict[str, object] = yaml.safe_load(file.text)
    return read


def test_a_level_that_the_file_does_not_hold_stays_with_its_comments() -> None:
    merged = merge_policies(policies(GLOBAL), policies(FINANCE))
    assert "# since the audit of 2026" in merged.text
    assert "# the lawyers asked" in merged.text
    assert "# a comment of the language" in merged.text
    assert plain(merged) == {**yaml.safe_load(GLOBAL), **yaml.safe_load(FINANCE)}
    assert merge_policies(merged, policies(FINANCE)).text == merged.text
    assert merge_policies(merged, policies(GLOBAL)).text == merged.text


def test_flow_style_is_written_anew_and_says_the_same() -> None:
    merged = merge_policies(merge_policies(policies(GLOBAL), policies(SALES)), policies(FINANCE))
    assert list(merged.set.domain_policies) == ["sales", "finance"]
    assert read_policies(merged.text, "record", recorded=True).set == merged.set
    assert [policy.name for policy in merged.set.policies] == ["retention"]


def test_an_empty_level_removes_what_it_held_and_nothing_else() -> None:
    both = merge_policies(policies(GLOBAL), policies(FINANCE))
    without = merge_policies(both, policies("domain_policies: {finance: []}\n"))
    assert [policy.name for policy in without.set] == ["retention"]
    without = merge_policies(both, policies("policies: []\n"))
    assert [policy.name for policy in without.set] == ["audit-trail", "reviewed-by-legal"]


@pytest.mark.parametrize("text", ["domain_policies: {}\n", "{}\n"])
def test_a_file_without_a_level_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="holds no policies"):
        merge_policies(policies(GLOBAL), policies(text))


def test_a_file_for_one_domain_holds_no_other_level() -> None:
    assert merge_policies(policies(GLOBAL), policies(FINANCE), "finance").levels == (None, "finance")
    for text, other in ((GLOBAL, "global"), (SALES, "sales"), (GLOBAL + FINANCE, "global")):
        with pytest.raises(BadInput, match=other):
            merge_policies(policies(GLOBAL), policies(text), "finance")


def test_a_domain_cannot_loosen_what_holds_and_the_federation_is_not_held_up_by_a_domain() -> None:
    loose = "domain_policies:\n  finance:\n    - {name: retention, enforcement: warning}\n"
    with pytest.raises(InvalidSpec, match=r"finance.yaml:3.*finance cannot loosen the global policy retention"):
        merge_policies(policies(GLOBAL), policies(loose, "finance.yaml"))
    mild = GLOBAL.replace("name: retention", "name: retention\n    enforcement: warning")
    merged = merge_policies(merge_policies(policies(mild), policies(loose)), policies(GLOBAL))
    (bound,) = read_policies(merged.text, "record", recorded=True).set.resolve_domain("finance")
    assert bound.enforcement.value == "blocking"


def test_a_global_policy_under_a_name_that_a_domain_has_with_another_rule_is_refused() -> None:
    own = "domain_policies: {finance: [{name: retention, rule: {type: schema-evolution, mode: full}}]}\n"
    with pytest.raises(InvalidSpec, match=r"global.yaml:4.*finance cannot change the rule"):
        merge_policies(policies(own), policies(GLOBAL, "global.yaml"))


NAMES = st.sampled_from(["a", "b", "c", "d"])
LEVEL = st.lists(st.fixed_dictionaries({"name": NAMES, "enforcement": st.just("blocking")}), max_size=3).map(
    lambda found: list({each["name"]: each for each in found}.values())
)
FILES = st.fixed_dictionaries(
    {}, optional={"policies": LEVEL, "domain_policies": st.dictionaries(NAMES, LEVEL, min_size=1, max_size=3)}
).filter(bool)


def _levels(document: dict[str, object]) -> dict[object, object]:
    domains = document.get("domain_policies") or {}
    assert isinstance(domains, dict)
    return {**({None: document["policies"]} if "policies" in document else {}), **domains}


@given(st.lists(st.tuples(FILES, st.booleans(), st.integers(2, 5)), min_size=1, max_size=4))
def test_whatever_is_applied_the_last_file_of_each_level_holds(
    files: list[tuple[dict[str, object], bool, int]],
) -> None:
    expected: dict[object, object] = {}
    merged: PolicyFile | None = None
    for document, flow, indent in files:
        text = yaml.safe_dump(document, default_flow_style=flow, indent=indent, sort_keys=False)
        merged = merge_policies(merged, policies(text))
        expected.update(_levels(document))
        assert _levels(plain(merged)) == expected
        assert read_policies(merged.text, "record", recorded=True).set == merged.set


def test_a_domain_that_the_file_does_not_have_is_compared_with_those_it_has() -> None:
    with pytest.raises(BadInput, match="has no policies of finace") as caught:
        merge_policies(None, policies(FINANCE), "finace")
    assert caught.value.hint == "did you mean --domain finance?"
    with pytest.raises(BadInput, match="has no policies of logistics") as caught:
        merge_policies(None, policies(FINANCE), "logistics")
    assert caught.value.hint is not None
    assert "domain_policies: {logistics" in caught.value.hint
