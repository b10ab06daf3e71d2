"""Which outputs have a new major version, and which version a change requires (https://semver.org).

Readers stay on the previous major, so an output with a new major may break. An output without a version of its own has
the product's, and a product without one has 1.0.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_platform.spec.product.model import Product
from data_platform.spec.product.semver import SemVer


@dataclass(frozen=True, slots=True)
class Step:
    """From one version of `subject`, an output or a product, to another."""

    subject: str
    before: SemVer
    after: SemVer
    text: str

    @property
    def raised(self) -> bool:
        """Whether the major is higher."""
        return self.after.major > self.before.major

    @property
    def backwards(self) -> bool:
        """Whether the version is lower."""
        return self.after.is_before(self.before)

    def describe_next(self) -> str:
        """The version to write for a breaking change."""
        return f"{self.subject} is {self.text}: write version: {self.before.next_major}"


def find_output_step(old: Product, new: Product, name: str) -> Step | None:
    """The step of an output that both products have, or None."""
    before, after = old.find_output(name), new.find_output(name)
    if before is None or after is None:
        return None
    text = old.output_version(before)
    return Step(name, SemVer.parse(text), SemVer.parse(new.output_version(after)), text)


def find_product_step(old: Product, new: Product) -> Step:
    """The step of the product itself, which applies to removed outputs."""
    text = old.effective_version
    return Step(old.name, SemVer.parse(text), SemVer.parse(new.effective_version), text)


def list_backward_versions(old: Product, new: Product) -> Iterator[str]:
    """Each output whose version is lower than before, in words, with what follows from a lower major."""
    for output in old.outputs:
        if old.label(output) != output.name:  # an earlier major, beside a newer one
            continue
        step = find_output_step(old, new, output.name)
        after = new.find_output(output.name)
        if step is None or after is None or not step.backwards:
            continue
        text = f"{step.subject} goes backwards from version {step.text} to {new.output_version(after)}"
        if step.after.major < step.before.major:
            text += f": it is another output, {step.subject}@{step.after.major}, whose versions begin at 1"
        yield text
