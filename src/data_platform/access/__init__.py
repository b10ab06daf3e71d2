"""Who may do what, and why: facts in, decision out."""
