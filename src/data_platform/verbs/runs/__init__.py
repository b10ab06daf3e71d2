"""Runs of pipelines: start, heartbeat, finish, list. The pipeline itself runs in the process of the caller."""
