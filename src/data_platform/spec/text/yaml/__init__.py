"""Hostile-proof YAML as a tree whose every key and value knows its place."""

from data_platform.spec.text.yaml.scalars import ScalarKind
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence, parse_yaml

__all__ = ["Mapping", "Node", "Scalar", "ScalarKind", "Sequence", "parse_yaml"]
