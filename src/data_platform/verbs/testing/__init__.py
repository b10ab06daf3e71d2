"""Judgement of data by a contract, without a mesh."""
