"""Ready groups of critical access, switched on by name; each entry says why, and by what source."""

from __future__ import annotations

from typing import Final

from checker.packs.credential_exposure import CREDENTIAL_EXPOSURE
from checker.packs.data_exfiltration import DATA_EXFILTRATION
from checker.packs.destruction import DESTRUCTION
from checker.packs.logging_off import LOGGING_OFF
from checker.packs.privilege_escalation import PRIVILEGE_ESCALATION

PACKS: Final = {
    pack.name: pack
    for pack in (
        PRIVILEGE_ESCALATION,
        DATA_EXFILTRATION,
        DESTRUCTION,
        LOGGING_OFF,
        CREDENTIAL_EXPOSURE,
    )
}
