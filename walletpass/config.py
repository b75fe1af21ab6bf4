"""What an operator can set. The only reader of the environment.

Every setting is a variable ``WALLETPASS_<NAME>``; for secrets ``WALLETPASS_<NAME>_FILE`` names a file that holds the
value. A variable with our prefix that is not in the list is refused: a typing mistake should be loud.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from walletpass.errors import ConfigurationError

PREFIX = "WALLETPASS_"
SECRETS = frozenset({"secret_keys", "metrics_token", "smtp_url", "sms_url"})
_current: "Settings | None" = None
PACKAGE = Path(__file__).parent
LOG_LEVELS = ("debug", "info", "warning", "error")
SENDER = re.compile(r"[A-Za-z0-9._-]{1,64}")
ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")


def _shipped_designs() -> Path:
    in_wheel = PACKAGE / "pass_templates"
    return in_wheel if in_wheel.is_dir() else PACKAGE.parent / "pass_templates"


@dataclass(frozen=True)
class Settings:
    """All settings, with the values of a first start.

    ``secret_keys`` is ``kid:hex[,kid:hex...]``; the first signs, all of them verify. Sizes are bytes, times seconds.
    ``..._per_minute`` is how often one address (one device, for its list) may come; 0 is as often as it likes.
    """

    secret_keys: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    database_url: str = field(default="sqlite:///walletpass.sqlite", repr=False)
    certs_dir: str = "certs"
    designs_dir: str = str(_shipped_designs())
    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 1
    threads: int = 16
    embedded_worker: bool = True
    trusted_proxies: int = 0
    max_body: int = 256 * 1024
    log_level: str = "info"
    apns_url: str = "https://api.push.apple.com"
    apns_ca_file: str = ""
    google_api_url: str = "https://walletobjects.googleapis.com/walletobjects/v1"
    google_save_url: str = "https://pay.google.com/gp/v/save"
    google_key_urls: str = "https://pay.google.com/gp/m/issuer/keys,https://wallet.google.com/gp/m/issuer/keys"
    google_senders: str = "GooglePayPasses,GoogleWalletPasses"
    join_per_minute: int = 60
    download_per_minute: int = 300
    device_list_per_minute: int = 120
    device_log_per_minute: int = 60
    wrong_token_per_minute: int = 120
    events_days: int = 90
    smtp_url: str = field(default="", repr=False)
    alert_to: str = ""
    alert_from: str = ""
    metrics_token: str = field(default="", repr=False)
    mail_from: str = ""
    sms_url: str = field(default="", repr=False)
    codes_per_day: int = 1000
    codes_per_minute: int = 20
    boards: int = 40

    def __post_init__(self) -> None:
        keyring(self.secret_keys)
        base = _address(self.base_url)
        if base.scheme == "http" and not is_loopback(base.hostname or ""):
            raise ConfigurationError(
                f"WALLETPASS_BASE_URL {self.base_url!r} is not https. Phones only talk to https; http is for this machine alone (127.0.0.1)."
            )
        if self.base_url.endswith("/"):
            object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        if self.sqlite and self.processes != 1:
            raise ConfigurationError("SQLite takes one server process: set WALLETPASS_PROCESSES=1, or use PostgreSQL.")
        for name, most in (("port", 65_535), ("processes", 1_000), ("threads", 10_000), ("max_body", 2**30), ("events_days", 36_500)):
            if not 1 <= getattr(self, name) <= most:
                raise ConfigurationError(f"{PREFIX}{name.upper()} must be from 1 to {most}, not {getattr(self, name)}.")
        if self.boards > 1_000:
            raise ConfigurationError(f"{PREFIX}BOARDS must be from 0 to 1000, not {self.boards}.")
        if self.log_level not in LOG_LEVELS:
            raise ConfigurationError(f"{PREFIX}LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {self.log_level!r}.")
        _mail(self.smtp_url, self.alert_to, self.alert_from, self.mail_from)
        if self.sms_url and not ("://" in self.sms_url and "{to}" in self.sms_url):
            raise ConfigurationError("WALLETPASS_SMS_URL must look like twilio://SID:TOKEN@FROM/{to}: {to} stands for the number.")
        _google(self.key_urls, self.senders)

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def secure(self) -> bool:
        """Whether guests and tills reach us over https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def hostname(self) -> str:
        """The name under which guests and tills reach us."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def key_urls(self) -> tuple[str, ...]:
        """Where Google publishes the keys that its calls are signed with."""
        return _listed(self.google_key_urls)

    @property
    def senders(self) -> tuple[str, ...]:
        """The names that Google signs its calls with."""
        return _listed(self.google_senders)

    @property
    def keys(self) -> dict[str, bytes]:
        return keyring(self.secret_keys)


def use(settings: Settings) -> Settings:
    """Make these the settings of this process."""
    global _current
    _current = settings
    return settings


def current() -> Settings:
    if _current is None:
        raise ConfigurationError("No settings: config.use() was not called.")
    return _current


def keyring(text: str) -> dict[str, bytes]:
    """``kid:hex,kid:hex`` as a dict, the signing key first. A kid is one digit 1-9, a key at least 32 bytes."""
    ring: dict[str, bytes] = {}
    for part in text.split(","):
        kid, _, value = part.strip().partition(":")
        try:
            key = bytes.fromhex(value)
        except ValueError:
            key = b""
        if len(kid) != 1 or kid not in "123456789" or len(key) < 32 or kid in ring:
            raise ConfigurationError(
                "WALLETPASS_SECRET_KEYS must look like 1:<64 hex digits>, newest first. Make one with: walletpass keys new"
            )
        ring[kid] = key
    return ring


def _address(text: str) -> SplitResult:
    """Scheme, name and port. Pages link from the root, and werkzeug trusts no IPv6 literal as a host."""
    try:
        base = urlsplit(text)
        more = base.path.strip("/") or base.query or base.fragment or base.username
        if base.scheme in ("http", "https") and base.hostname and ":" not in base.hostname and base.port != 0 and not more:
            return base
    except ValueError:
        pass  # a broken IPv6 address, or a port that is no number
    raise ConfigurationError(f"WALLETPASS_BASE_URL must be an address like https://cards.example.com, not {text!r}.")


def _mail(url: str, to: str, sender: str, guests_see: str) -> None:
    """The address of a mail server holds a password, so it is never repeated."""
    try:
        server = urlsplit(url)
        sound = not url or (
            server.scheme in ("smtp", "smtps") and bool(server.hostname) and server.port != 0 and not server.path.strip("/")
        )
    except ValueError:
        sound = False
    if not sound:
        raise ConfigurationError("WALLETPASS_SMTP_URL must look like smtp://user:password@mail.example.com:587, or smtps://...")
    if url and not to and not guests_see:
        raise ConfigurationError(
            "WALLETPASS_SMTP_URL is set, but nobody to write to: set WALLETPASS_ALERT_TO, or WALLETPASS_MAIL_FROM to write to guests."
        )
    for name, text in (("ALERT_TO", to), ("ALERT_FROM", sender), ("MAIL_FROM", guests_see)):
        if any(not ADDRESS.fullmatch(part.strip()) for part in text.split(",") if text):
            raise ConfigurationError(f"{PREFIX}{name} must be a mail address like owner@example.com, not {text!r}.")


def _google(key_urls: tuple[str, ...], senders: tuple[str, ...]) -> None:
    """Whoever answers at an address of keys can speak for Google, so the way there has to be safe."""
    if not key_urls or not all(map(_is_safe, key_urls)):
        raise ConfigurationError(
            "WALLETPASS_GOOGLE_KEY_URLS must be https addresses with commas between them, like https://pay.google.com/gp/m/issuer/keys."
        )
    if not senders or not all(map(SENDER.fullmatch, senders)):
        raise ConfigurationError("WALLETPASS_GOOGLE_SENDERS must be names with commas between them, like GooglePayPasses.")


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0 or parts.username or parts.fragment or not url.isascii() or " " in url:
            return False
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, or ConfigurationError with the sentence that mends it."""
    env = os.environ if environ is None else environ
    known = {field.name: field for field in fields(Settings)}
    values: dict[str, object] = {}
    for name, raw in env.items():
        if not name.startswith(PREFIX):
            continue
        key, text = name.removeprefix(PREFIX).lower(), raw
        if key not in known and key.endswith("_file") and key.removesuffix("_file") in known:
            key = key.removesuffix("_file")
            try:
                text = Path(raw).read_text("utf-8").strip()
            except OSError as error:
                raise ConfigurationError(f"{name} names {raw!r}, which cannot be read: {error.strerror}.") from error
            except UnicodeDecodeError as error:
                raise ConfigurationError(f"{name} names {raw!r}, which is not text.") from error
        if key not in known:
            raise ConfigurationError(f"{name} is not a setting of walletpass. The settings are listed in the README.")
        if key in values:
            raise ConfigurationError(f"{PREFIX}{key.upper()} is set twice, by value and by file. Keep one.")
        values[key] = _typed(name, known[key].type, text)
    if "secret_keys" not in values:
        raise ConfigurationError(
            "WALLETPASS_SECRET_KEYS is not set: it signs card codes and sessions. "
            "Make one with `walletpass keys new`, keep it safe, and set WALLETPASS_SECRET_KEYS or WALLETPASS_SECRET_KEYS_FILE."
        )
    return Settings(**values)  # type: ignore[arg-type]


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make these settings; what is as at a first start is left out. `load` reads them back."""
    said = {field.name: getattr(settings, field.name) for field in fields(Settings) if getattr(settings, field.name) != field.default}
    return {
        f"{PREFIX}{name.upper()}": {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
        for name, value in said.items()
    }


def exposed(environ: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each file of secrets that other users can read. Container secrets often are, so it is no reason to stay shut."""
    env = os.environ if environ is None else environ
    files = {name: Path(env[name]) for secret in sorted(SECRETS) if (name := f"{PREFIX}{secret.upper()}_FILE") in env}
    return [
        f"{name} names {str(path)!r}, which other users of this machine can read. Run: chmod 600 {path}"
        for name, path in files.items()
        if path.is_file() and path.stat().st_mode & 0o077
    ]


def _typed(name: str, kind: object, text: str) -> object:
    if kind is bool:
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off"):
            return False
        raise ConfigurationError(f"{name} must be on or off, not {text!r}.")
    if kind is int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise ConfigurationError(f"{name} must be a whole number, not {text!r}.")
        return int(text)
    return text
