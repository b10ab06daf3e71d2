"""Governance: what a change means for those who read. Pure: facts in, verdict out."""
