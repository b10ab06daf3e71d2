"""The publish of a version: stage, audit, promote."""
