"""From the text of `.github/access-gate.yml` to `config.Config`: a room for each kind of key."""
