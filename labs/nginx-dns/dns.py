"""A name server for one zone of A records that can change while it runs."""

import socket
import struct
import threading


class NameServer:
    def __init__(self, address, ttl_s=10):
        self.records, self.ttl_s = {}, ttl_s
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            self.socket.sendto(self._answer(query), peer)

    def _answer(self, query):
        name, end = _name(query, 12)
        kind = struct.unpack("!H", query[end : end + 2])[0]
        known = self.records.get(name.lower())
        addresses = known if known and kind == 1 else []
        # RFC 1035, section 4.1.1: response, authoritative, no such name (3) where the name is unknown
        flags = 0x8500 | (0 if known else 3)
        head = query[:2] + struct.pack("!HHHHH", flags, 1, len(addresses), 0, 0)
        answers = b"".join(struct.pack("!HHHIH", 0xC00C, 1, 1, self.ttl_s, 4) + socket.inet_aton(a) for a in addresses)
        return head + query[12 : end + 4] + answers


def _name(message, at):
    labels = []
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode("ascii", "replace"))
        at += 1 + message[at]
    return ".".join(labels), at + 1
