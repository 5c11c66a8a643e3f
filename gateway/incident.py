"""How a fault of ours is written to the log: its kind and where it came from, never its words.

Belongs here: nothing else. What an exception says may quote a message, an address or a number (THREATS W5).
"""

from __future__ import annotations

import traceback


def where(fault: BaseException) -> dict[str, object]:
    """Give kind and last frames of a fault, for a log."""
    frames = traceback.extract_tb(fault.__traceback__)[-8:]
    return {"fault": type(fault).__name__, "frames": [f"{at.filename}:{at.lineno} {at.name}" for at in frames]}
