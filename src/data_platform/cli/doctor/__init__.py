"""The checks of `doctor`. They do not need an open platform, because they must run when none can be opened."""
