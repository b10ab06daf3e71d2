"""Hostile-proof YAML as a tree whose every key and value knows its place."""

from data_platform.spec.text.yaml.scalars import Kind
from data_platform.spec.text.yaml.tree import Mapping, Node, Scalar, Sequence, parse_yaml

__all__ = ["Kind", "Mapping", "Node", "Scalar", "Sequence", "parse_yaml"]
