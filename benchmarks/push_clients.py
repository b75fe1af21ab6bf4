"""One client for pushes as a process of its own: reads how many to send, says how it went (see `benchmarks.children`).

``python -m benchmarks.push_clients <name> <port> <certificate> <key> <authority> <topic> <in flight>``
"""

import asyncio
import json
import logging
import ssl
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks import table

EXPIRES = 86_400


@dataclass(frozen=True)
class Apns:
    port: int
    certificate: str
    key: str
    authority: str
    topic: str
    in_flight: int

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols(["h2"])
        return context


def walletpass(apns: Apns) -> Callable[[int], int]:
    from walletpass.apple.apns import Client
    from walletpass.apple.line import Push

    identity: Any = SimpleNamespace(
        certificate_pem=Path(apns.certificate).read_bytes(), key_pem=Path(apns.key).read_bytes(), pass_type_identifier=apns.topic
    )
    client = Client(identity, f"https://localhost:{apns.port}", apns.authority, apns.in_flight)
    return lambda count: sum(
        result.status == 200 for result in client.send((Push(token, str(uuid.uuid4())) for token in _tokens(count)), 150)
    )


def aioapns(apns: Apns) -> Callable[[int], int]:
    import aioapns
    from aioapns.connection import APNsProductionClientProtocol

    logging.disable()
    APNsProductionClientProtocol.APNS_SERVER, APNsProductionClientProtocol.APNS_PORT = "localhost", apns.port
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    client = aioapns.APNs(client_cert=_one_file(apns), ssl_context=apns.context(), topic=apns.topic, max_connections=1)

    async def send(token: str) -> bool:
        request = aioapns.NotificationRequest(
            token, {}, time_to_live=EXPIRES, priority=5, push_type=aioapns.PushType.BACKGROUND, apns_topic=apns.topic
        )
        return bool((await client.send_notification(request)).is_successful)

    return lambda count: loop.run_until_complete(_in_lines(send, count, apns.in_flight))


def httpx(apns: Apns) -> Callable[[int], int]:
    import httpx

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    client = httpx.AsyncClient(http2=True, verify=apns.context(), trust_env=False, limits=httpx.Limits(max_connections=1), timeout=60)
    headers = {"apns-topic": apns.topic, "apns-push-type": "background", "apns-priority": "5", "content-type": "application/json"}

    async def send(token: str) -> bool:
        own = {"apns-id": str(uuid.uuid4()), "apns-expiration": str(int(time.time()) + EXPIRES)}
        answer = await client.post(f"https://localhost:{apns.port}/3/device/{token}", content=b"{}", headers=headers | own)
        return answer.status_code == 200

    return lambda count: loop.run_until_complete(_in_lines(send, count, apns.in_flight))


async def _in_lines(send: Callable[[str], Awaitable[bool]], count: int, in_flight: int) -> int:
    """As many lines of work as may be in flight, each with one push at a time. How many were taken."""
    left, good = _tokens(count), 0

    async def line() -> None:
        nonlocal good
        for token in left:
            taken = await send(token)
            good += taken

    await asyncio.gather(*(line() for _ in range(in_flight)))
    return good


def _tokens(count: int) -> Iterator[str]:
    return (f"{number:064x}" for number in range(count))


def _one_file(apns: Apns) -> str:
    both = Path(apns.key).with_name("both.pem")
    both.write_bytes(Path(apns.certificate).read_bytes() + Path(apns.key).read_bytes())
    return str(both)


def main() -> None:
    name, port, certificate, key, authority, topic, in_flight = sys.argv[1:]
    send = {"walletpass": walletpass, "aioapns": aioapns, "httpx": httpx}[name](
        Apns(int(port), certificate, key, authority, topic, int(in_flight))
    )
    print(json.dumps({"version": version(name)}), flush=True)
    for line in sys.stdin:
        cpu, clock = time.process_time(), time.perf_counter()
        good = send(int(line))
        said = {"good": good, "seconds": time.perf_counter() - clock, "cpu": time.process_time() - cpu}
        print(json.dumps({**said, "mebibytes": table.resident()}), flush=True)


if __name__ == "__main__":
    main()
