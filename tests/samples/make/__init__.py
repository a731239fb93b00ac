"""Writes the sample documents; started by make_sample_docs.py."""
