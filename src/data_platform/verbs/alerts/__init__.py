"""Messages about incidents to people: which channels hear of a change, and tests of channels."""
