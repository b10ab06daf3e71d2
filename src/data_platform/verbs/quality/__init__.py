"""Quality reports, SLA compliance, and readiness checklists."""
