"""The verbs of a mesh that a server has: requests over HTTP, and frames whose rows come from there."""
