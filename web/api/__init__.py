"""Quillux over HTTP: ask, press, follow, decide, download."""
