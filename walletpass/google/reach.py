"""What Google would see of us from outside, seen from here: images, the address it calls, and the time of day."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import requests

from walletpass import config
from walletpass.google.findings import Finding, fault, sound

# Seconds: Google gives a slow server no more patience.
TIMEOUT = (5.0, 10.0)
# Google names no limit; what it was seen to refuse was larger.
LARGEST_IMAGE = 2**20
AGENT = "Googlebot"
# A save link is dated this much back, and a code that changes may be one step off.
SKEW = 30


def with_sandbox() -> bool:
    """Whether Google is played by this machine, which reaches what nobody else does."""
    return config.is_loopback(urlsplit(config.current().google_api_url).hostname or "")


def base_url() -> Iterator[Finding]:
    """Whether the world, and so Google, could come to our address at all."""
    base = config.current().base_url
    if with_sandbox() or _is_public(base):
        return
    yield fault(
        f"Google cannot reach {base}, so no image of a card can be fetched and nothing is heard of saved cards. "
        "Set WALLETPASS_BASE_URL to the https address that guests use."
    )


def clock() -> Iterator[Finding]:
    """Google's own time stands in every answer."""
    url = config.current().google_api_url
    try:
        asked = time.time()
        answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
        moment = (asked + time.time()) / 2
    except requests.RequestException as error:
        yield fault(f"Google cannot be reached from here ({why(error)}). Let this machine make https requests to {urlsplit(url).netloc}.")
        return
    try:
        ahead = moment - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (TypeError, ValueError):
        return
    if abs(ahead) > SKEW:
        yield fault(
            f"The clock of this machine is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Google's: keys, save links and codes "
            "that change are refused. Switch time synchronisation on: timedatectl set-ntp true."
        )


def images(*resources: Any) -> Iterator[Finding]:
    """Each image once, fetched as Google fetches it. One that is dead makes Google refuse the whole card."""
    addresses = sorted(set(_images(resources)))
    faults = [sentence for address in addresses if (sentence := _image_fault(address))]
    yield from map(fault, faults)
    if addresses and not faults:
        yield sound(f"{len(addresses)} images can be fetched.")


def callback(url: str) -> Iterator[Finding]:
    """Whether a call would come through to us: an empty one must be refused by walletpass itself, and by nobody before it."""
    try:
        answer = requests.post(url, data=b"{}", headers={"Content-Type": "application/json"}, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        yield fault(f"Google cannot call {url} when a card is saved or removed ({why(error)}). Open this address to the world.")
        return
    # 429: others have sent forged calls from our address before.
    if answer.status_code not in (400, 429):
        yield fault(
            f"A call to {url} was answered {answer.status_code} and not 400 by walletpass: something in front of it stops Google's calls. "
            "Let POST requests to /google/callback/ through, without password, bot protection or redirect."
        )
        return
    yield sound("Google can call when a card is saved or removed.")


def robots(*addresses: str) -> Iterator[Finding]:
    """Google fetches and calls nothing that robots.txt keeps from Googlebot."""
    url = f"{config.current().base_url}/robots.txt"
    try:
        answer = requests.get(url, timeout=TIMEOUT)
    except requests.RequestException:
        return  # told by the images
    if answer.status_code in (401, 403) or answer.status_code >= 500:
        yield fault(f"{url} is answered {answer.status_code}, which keeps Google from everything here. Let it be read without a password.")
        return
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines() if answer.status_code == 200 else [])
    for address in addresses:
        if not rules.can_fetch(AGENT, address):
            yield fault(f"{url} keeps {AGENT} from {address}. It is not walletpass's own file: take the proxy's away, or allow that path.")


def _image_fault(address: str) -> str:
    try:
        with requests.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
            body = answer.raw.read(LARGEST_IMAGE + 1, decode_content=True) if answer.status_code == 200 else b""
    except requests.RequestException as error:
        return f"The image {address} cannot be fetched ({why(error)}). Make {urlsplit(address).netloc} reachable from outside."
    if 300 <= answer.status_code < 400:
        return (
            f"The image {address} leads on to {answer.headers.get('Location', '?')}. Set WALLETPASS_BASE_URL to the address where it ends."
        )
    if answer.status_code != 200:
        return f"The image {address} is answered {answer.status_code}. Google asks without password: let /artwork/ through."
    if kind not in ("image/png", "image/jpeg"):
        return f"The image {address} comes as {kind or 'nothing that is named'}, not as an image: something in front of walletpass answers for it."
    if len(body) > LARGEST_IMAGE:
        return f"The image {address} is larger than 1 MiB. Make it smaller, in the design's folder."
    return "" if body else f"The image {address} is empty. Put it back into the design's folder."


def _images(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        source = value.get("sourceUri")
        if isinstance(source, dict) and isinstance(source.get("uri"), str):
            yield source["uri"]
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _images(part)


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and ip_address(host).is_global
    except ValueError:
        return parts.scheme == "https" and "." in host and not host.endswith((".local", ".internal", ".lan", ".localhost", ".home.arpa"))


def why(error: BaseException) -> str:
    """The last, plainest cause, without the address that every sentence names already."""
    cause = error
    while cause.__cause__ or cause.__context__ or (cause.args and isinstance(cause.args[0], BaseException)):
        cause = cause.__cause__ or cause.__context__ or cause.args[0]
    return str(getattr(cause, "strerror", None) or cause or type(error).__name__)[:160].rstrip(".")
