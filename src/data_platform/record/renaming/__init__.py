"""The rows of a product under another name, history included."""
