"""Answers kept for a while, and given again only to people with exactly the same rights."""
