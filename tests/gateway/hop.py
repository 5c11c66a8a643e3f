"""A next hop whose faults begin and end while it serves."""

from collections import defaultdict, deque

from tests.adapters.mail.scripted_hop import DROP, HANG, ScriptedHop

__all__ = ["CELLS", "DROP", "HANG", "Hop", "expected"]

REPLIES = {"4xx": "450 4.3.0 Not now", "5xx": "550 5.3.0 Never", "421": "421 4.3.2 Closing", "drop": DROP, "hang": HANG}
STEPS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT")
CELLS = [(step, fault) for step in STEPS for fault in REPLIES]


class Hop(ScriptedHop):
    """Serve like its parent; `fail` and `heal` change what it says from now on."""

    def fail(self, step, fault):
        """Answer a step with a fault from now on; who is connected stays so, unless the fault is one of connecting."""
        self._turns = defaultdict(deque, {step: deque([REPLIES[fault]])})
        if step in ("CONNECT", "EHLO"):
            self.drop_all()

    def say(self, step, *replies):
        """Answer a step with these replies, one after the other, the last for ever."""
        self._turns[step] = deque(replies)

    def heal(self):
        """Take everything again."""
        self._turns = defaultdict(deque)
        self.drop_all()


def expected(step, fault, soft=REPLIES["4xx"], hard=REPLIES["5xx"]):
    """Say what the sender is told, as the issue has it: the beginning of the reply."""
    if step == "QUIT":
        return "250 2.0.0 Ok"
    if step in ("CONNECT", "EHLO") or fault in ("421", "drop", "hang"):
        return "451 4."
    return soft if fault == "4xx" else hard
