"""Accuracy and latency of the translator on any set of questions with their SQLite files."""
