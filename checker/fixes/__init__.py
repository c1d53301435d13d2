"""Edits that make a check pass again: proposed from the old document, proved by asking again."""
