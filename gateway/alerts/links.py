"""Links from alerts to the pages of the desk: they hold ids alone, so that an address tells nothing of anybody.

Belongs here: which page shows what an alert is about. A page asks for sign-in, and opening it acts on nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from gateway.desk import ROOT
from storage.alerts import Alert

ALERTS, FLAGS, PARTIES, WAITING = "/alerts", "/flags", "/parties", "/waiting"


@dataclass(frozen=True, slots=True)
class Links:
    """Write links beneath the address that the office gave its desk; without one each is empty."""

    address: str = ""

    def about(self, alert: Alert) -> str:
        """Lead to what an alert is about; empty where no page shows that."""
        return self._to(page_of(alert.about))

    def alert(self, alert: Alert) -> str:
        """Lead to the alert itself, where it is taken on."""
        return self._to(f"{ALERTS}/{quote(alert.id, safe='')}")

    @property
    def all_open(self) -> str:
        """Lead to all that are open."""
        return self._to(ALERTS)

    def _to(self, page: str) -> str:
        return f"{self.address}{ROOT}{page}" if self.address and page else ""


def page_of(about: str) -> str:
    """Name the page of the desk, beneath its root, that shows what an alert is `about`; empty where none does."""
    kind, _, number = about.partition(":")
    if kind == "role":
        return WAITING
    room = {"contact": WAITING, "flag": FLAGS, "party": PARTIES}.get(kind)
    return f"{room}/{quote(number, safe='')}" if room and number else ""
