"""The policies that a mesh and its domains write, as typed data."""
