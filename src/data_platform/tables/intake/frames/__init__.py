"""In-memory tables of libraries, each read in a way that keeps its values exact."""
