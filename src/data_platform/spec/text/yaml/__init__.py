"""YAML as a tree with the place of every key and value, safe against hostile input."""

from data_platform.spec.text.yaml.scalars import ScalarKind
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence, parse_yaml

__all__ = ["Mapping", "Node", "Scalar", "ScalarKind", "Sequence", "parse_yaml"]
