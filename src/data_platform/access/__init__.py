"""Access control: decides whether a principal may do an action."""
