"""Commands for policies, domains, incidents, the audit log and the life of products."""
