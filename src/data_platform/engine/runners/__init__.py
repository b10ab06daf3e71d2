"""One module per engine that runs frames; the port is `engine/runner.py`."""
