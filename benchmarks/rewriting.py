"""Files that say the same in another way: lists in another order, comments, another layout."""

from __future__ import annotations

import re
from typing import Final

_ONE_ACTION: Final = re.compile(r'((?<![\w.-])"?(?:Not)?Action"?\s*[:=]\s*)("[^"$]*")')
_ACTIONS: Final = re.compile(
    r'((?<![\w.-])"?actions?"?\s*[:=]\s*)\[((?:\s*"[^"$]*",?)*\s*)\]', re.IGNORECASE
)
_ALLOW: Final = re.compile(r'^ *effect *= *"Allow"\n', re.MULTILINE)
_BLOCK: Final = re.compile(r"^(?=(?:data|resource|module|locals|variable) )", re.MULTILINE)


def rewritten(path: str, content: bytes) -> bytes:
    """Return a file as it might be written as well."""
    text = content.decode()
    if not path.endswith((".tf", ".tofu", ".json", ".tftpl")):
        return content
    text = _ACTIONS.sub(_turned, text)
    if path.endswith((".tf", ".tofu")):
        text = _BLOCK.sub("# Looked through, nothing changed.\n", _ALLOW.sub("", text))
        if "aws_lambda_permission" in text:
            return text.encode()
    return _ONE_ACTION.sub(r"\1[\2]", text).encode()


def _turned(match: re.Match[str]) -> str:
    found = re.findall(r'"[^"]*"', match[2])
    return f"{match[1]}[{', '.join(reversed(found))}]"
