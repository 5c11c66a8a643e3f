"""A name server on a free port of the loopback, with a zone that a test writes. It answers nothing else."""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SILENT, BROKEN = "silent", "broken"


class Zone:
    """Hold what the server says: `{("example.org", "TXT"): ['"v=spf1 -all"']}`; a name may be SILENT or BROKEN."""

    def __init__(self, records=None):
        self.records = dict(records or {})
        self.asked = []

    def answer(self, wire: bytes) -> bytes | None:
        """Answer one question; None for silence."""
        query = dns.message.from_wire(wire)
        name, kind = query.question[0].name, dns.rdatatype.to_text(query.question[0].rdtype)
        text = name.to_text(omit_final_dot=True).lower()
        self.asked.append((text, kind))
        known = self.records.get((text, kind))
        if known == SILENT:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if known == BROKEN:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif known:
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *known))
        elif not any(named == text for named, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire(max_size=65535)


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        answer = self.server.zone.answer(self.request[0])
        if answer is not None:
            self.request[1].sendto(answer, self.client_address)


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True


@contextmanager
def serving(records=None):
    """Serve a zone; gives it and the server's `(host, port)`."""
    with _Server(("127.0.0.1", 0), _Datagram) as server:
        server.zone = Zone(records)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.zone, server.server_address
        finally:
            server.shutdown()
            thread.join()
