"""Read what a relay says when it refuses a mail: whether to try again, and whether the address is to blame.

Pure; the talking is in `send`.
"""

import re
from typing import Literal

from service.errors import DeliveryFailed
from service.formats.cleaning import clean_line

Step = Literal["connect", "sender", "recipient", "content"]

# RFC 3463 sections 3.2 and 3.3: the codes that speak of the mailbox itself. 5.2.2 (full) and 5.7 (policy) are not here.
_GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b").match
_OUR_FAULT = re.compile(r"spam|block|black|denied|polic|reputation|spf|dkim|dmarc|relay", re.IGNORECASE).search


def refusal(step: Step, code: int, message: str) -> DeliveryFailed:
    """Return the failure for an answer other than 2xx; `step` is what the relay was answering.

    Only a 5xx to recipient or content is permanent: the rest is between the relay and us, and can be set right.
    """
    permanent = code >= 500 and step in ("recipient", "content")
    gone = permanent and _says_gone(step, code, message)
    return DeliveryFailed(f"{step}: {clean_line(f'{code} {message}', 300)}", permanent=permanent, address_at_fault=gone)


def _says_gone(step: Step, code: int, message: str) -> bool:
    enhanced = _ENHANCED(message)
    if enhanced:
        return enhanced[0] in _GONE
    return step == "recipient" and code == 550 and not _OUR_FAULT(message)
