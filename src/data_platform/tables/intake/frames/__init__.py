"""Tables that a library holds in memory, each in the way of its own that keeps its values exact."""
