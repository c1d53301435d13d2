"""Findings to text, a file for each place it is read. Knows neither git, GitHub's API nor a file."""
