"""Where a webhook may lead: to a server on the public internet, over https, and nowhere else.

What is written in an address says little: ``0x7f.1`` is this machine, and a name means what its owner's DNS server says from one
moment to the next. So an address is looked up once for each connection, what it was resolved to is judged, and the connection goes
to just that (`line`).
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from walletpass import config
from walletpass.errors import Malformed, Refusal

Address = IPv4Address | IPv6Address

HTTPS = 443
LONGEST = 500
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
# Ways into another network's private addresses: NAT64 (RFC 6052, 8215), 6to4, Teredo, IPv4-compatible. RFC 6890 calls some of them global.
TRANSLATED = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")))


class NotThere(Refusal):
    """The address leads where we do not go, or nowhere."""

    code = "not_there"
    status = 422


@dataclass(frozen=True)
class Target:
    """A webhook's address, taken apart. ``local`` is this machine, which only a service for this machine alone may tell."""

    scheme: str
    host: str
    port: int
    path: str
    local: bool

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.scheme == "https" else f"{name}:{self.port}"


def target(url: str) -> Target:
    """Raises Malformed, with what is wrong with the address. What its name leads to is looked at when it is called."""
    if len(url) > LONGEST:
        raise Malformed(f"An address is {LONGEST} characters at most.")
    if not url.isascii() or not url.isprintable() or any(char in url for char in ' \\"<>^`{|}'):
        raise Malformed("An address has no spaces, backslashes or letters other than a-z. Write other letters as they are encoded.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise Malformed("This is no address. Give one like https://pos.example.com/walletpass.") from error
    if parts.username is not None or parts.password is not None or parts.fragment or "#" in url:
        raise Malformed("An address has neither a password nor a #. What we send is signed; that is how you know us.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not PATH.fullmatch(path) or not _is_host(host):
        raise Malformed("This is no address. Give one like https://pos.example.com/walletpass.")
    if parts.scheme == "http" and config.is_loopback(host) and not config.current().secure:
        return Target("http", host, port or 80, path, local=True)
    if parts.scheme != "https" or port not in (None, HTTPS):
        raise Malformed("An address begins with https:// and has no port: it is called on 443.")
    _must_be_public_if_a_number(host)
    return Target("https", host, HTTPS, path, local=False)


def resolve(where: Target) -> Sequence[Address]:
    """What the name means at this moment. Raises NotThere when any of it is an address that we do not call."""
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotThere(f"{where.host} is not known: its name leads to no address.") from error
    addresses = list(dict.fromkeys(ip_address(str(info[4][0]).partition("%")[0]) for info in found))
    for address in addresses:
        if not allowed(address, local=where.local):
            raise NotThere(f"{where.host} leads into a network that is not public. Give the address of a server on the internet.")
    if not addresses:
        raise NotThere(f"{where.host} is not known: its name leads to no address.")
    return addresses


def allowed(address: Address, *, local: bool = False) -> bool:
    """Whether a webhook may be sent there; ``local`` ones go to this machine and nowhere else."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return allowed(address.ipv4_mapped, local=local)
        if address.is_loopback:
            return local
        if any(address in network for network in TRANSLATED):
            return False
    if local:
        return address.is_loopback
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_loopback or address.is_unspecified)


def _is_host(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv6Address | IPv4Address)
    except ValueError:
        return len(host) <= 253 and HOST.fullmatch(host) is not None


def _must_be_public_if_a_number(host: str) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        # ``0x7f.1``, ``2130706433`` and ``127.1`` are numbers as well, to most resolvers; no name on the internet ends like them.
        if NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
            raise Malformed("This address is a number written oddly. Give a name like pos.example.com, or four numbers.") from None
        if config.is_loopback(host):
            raise Malformed("This address is this machine. Give the address of a server on the internet.") from None
        return
    if not allowed(address):
        raise Malformed("This address is not on the public internet.")
