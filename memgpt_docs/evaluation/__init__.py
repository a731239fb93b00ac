"""Measures that a user can run on documents and questions of their own."""
