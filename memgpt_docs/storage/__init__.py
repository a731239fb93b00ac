"""The disk of the agent: archival storage (documents) and recall storage (what happened)."""
