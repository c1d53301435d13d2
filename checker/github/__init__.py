"""The event, the token, reading and answering a pull request. Knows no policy, no solver, no text."""
