"""Access Gate: what a change to IAM policies allows, proved."""

from typing import Final

__version__: Final = "0.1.0"
