"""How much of a CPU a push costs the one who sends it, beside other clients.

Two servers take every push over HTTP/2 and TLS with client certificates: one in node that answers as APNs does, and nghttpd
(Debian: nghttp2-server) where it is installed, which is faster and sends no apns-id. Each client is a process with one
connection and as many pushes in flight as the others. They take turns, and each measures its own CPU time, all of its threads
included, without its start. Pushes per second show the slower of client and server.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks import children, luna, table
from walletpass.sandbox import chain

DEVELOPMENT_PUSH = x509.ObjectIdentifier("1.2.840.113635.100.6.3.1")
IN_FLIGHT = 100
ROUNDS, BLOCK, SLOW_BLOCK = 10, 4_000, 250
OURS, NODE_APN, AIOAPNS, HTTPX = "walletpass", "@parse/node-apn", "aioapns", "httpx"
NODE, NGHTTPD = "node", "nghttpd"
CLIENTS = {NODE: (OURS, NODE_APN, AIOAPNS, HTTPX), NGHTTPD: (OURS, NODE_APN, HTTPX)}  # aioapns waits for an apns-id


@dataclass
class Sender:
    """Pushes per second of CPU, pushes per second and resident MiB, round by round."""

    name: str
    child: children.Told
    block: int
    per_cpu: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        said = self.child.do(self.block)
        assert said["good"] == self.block, f"{self.name}: {self.block - said['good']} of {self.block} pushes were not taken"
        self.per_cpu.append(self.block / said["cpu"])
        self.per_second.append(self.block / said["seconds"])
        self.mebibytes.append(said["mebibytes"])


def main() -> None:
    in_flight = int(sys.argv[1]) if len(sys.argv) > 1 else IN_FLIGHT
    senders: dict[tuple[str, str], Sender] = {}
    notes: list[str] = []
    with luna.opened() as house, ExitStack() as stack:
        (house.certs / "push.pem").write_bytes(_certificate(house))
        ports = {NODE: stack.enter_context(closing(children.node("push_server.mjs", str(house.outside)))).hello["port"]}
        if nghttpd := shutil.which("nghttpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            ports[NGHTTPD] = stack.enter_context(_nghttpd(nghttpd, house))
        else:
            notes.append("nghttpd is not installed (Debian: nghttp2-server)")
        for server, port in ports.items():
            for name in CLIENTS[server]:
                try:
                    senders[server, name] = _start(name, house, port, in_flight)
                    stack.enter_context(closing(senders[server, name].child))
                except (ChildProcessError, OSError) as error:
                    notes.append(f"{name} against {server} did not start: {error}")
        for _ in range(ROUNDS):
            for sender in senders.values():
                sender.take_turn()
    _report(senders, notes, in_flight)


def _start(name: str, house: luna.Luna, port: int, in_flight: int) -> Sender:
    certificate, key = str(house.certs / "push.pem"), str(house.certs / "pass.key")
    arguments = [str(port), certificate, key, str(house.outside / "apns-ca.pem"), luna.PASS_TYPE, str(in_flight)]
    if name == NODE_APN:
        child = children.node("push_node_apn.mjs", *arguments)
    else:
        child = children.Told([sys.executable, "-m", "benchmarks.push_clients", name, *arguments])
    sender = Sender(f"{name} {child.hello['version']}", child, SLOW_BLOCK if name == HTTPX else BLOCK)
    for _ in range(2):  # the connection, and what a compiler wants to see first
        child.do(sender.block)
    return sender


def _certificate(house: luna.Luna) -> bytes:
    """The pass certificate with the mark by which node-apn knows whom it may connect to anything but Apple."""
    leaf, wwdr = house.identity.leaf, chain.load(house.outside, "wwdr")
    builder = x509.CertificateBuilder(
        leaf.issuer, leaf.subject, leaf.public_key(), leaf.serial_number, leaf.not_valid_before_utc, leaf.not_valid_after_utc
    )
    for extension in leaf.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    marked = builder.add_extension(x509.UnrecognizedExtension(DEVELOPMENT_PUSH, b"\x05\x00"), critical=False)
    made = marked.sign(wwdr.key, hashes.SHA256())
    return b"".join(part.public_bytes(Encoding.PEM) for part in (made, wwdr.certificate))


@contextmanager
def _nghttpd(program: str, house: luna.Luna) -> Iterator[int]:
    """Its port. It serves files, so there is an empty one for each push token."""
    devices = house.outside / "documents" / "3" / "device"
    devices.mkdir(parents=True)
    for number in range(BLOCK):
        (devices / f"{number:064x}").touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    key, certificate = str(house.outside / "apns-server.key"), str(house.outside / "apns-server.pem")
    command = [program, "-V", "-m", "1000", "-a", "127.0.0.1", "-d", str(house.outside / "documents"), str(port), key, certificate]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield port
    finally:
        process.kill()
        process.wait()


def _report(senders: dict[tuple[str, str], Sender], notes: list[str], in_flight: int) -> None:
    medians = {key: statistics.median(sender.per_cpu) for key, sender in senders.items()}
    rows = [
        (
            f"{sender.name} to {server}",
            f"{len(sender.per_cpu)} x {sender.block:,}",
            table.figure(medians[server, name]),
            table.figure(statistics.median(sender.per_second)),
            f"{sender.mebibytes[-1]:.0f} ({sender.mebibytes[-1] - sender.mebibytes[0]:+.0f})",
            table.figure(medians[server, OURS] / medians[server, name]),
        )
        for (server, name), sender in senders.items()
    ]
    goals = [
        table.goal(f"times {name} in pushes per CPU second, to {server}", medians[server, OURS] / medians[server, name], wanted)
        for server in CLIENTS
        for name, wanted in ((NODE_APN, 3), (AIOAPNS, 5))
        if (server, name) in medians
    ]
    head = ("pushes over one connection", "rounds", "per CPU s of the client", "per s", "MiB (change)", "walletpass takes less by")
    table.show(f"Sending pushes, {in_flight} in flight", head, rows, goals + notes)


if __name__ == "__main__":
    main()
