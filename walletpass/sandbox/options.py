"""What the sandbox has to be told."""

from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "uk", "ru")


@dataclass(frozen=True)
class Options:
    """``server_url`` is the base URL of walletpass, ``directory`` where phones and Google keep their state.

    The trust files are those of ``chain.prepare``; an empty path means "in ``directory`` under the usual name". Port 0
    takes a free one. ``join_urls`` are (label, address) pairs offered in the phones' browsers. ``fetch_images`` makes
    Google fetch every image at write time, as the real one does, and refuse the write when one is dead.
    """

    server_url: str
    directory: Path
    port: int = 8100
    iphone_port: int = 8101
    android_port: int = 8102
    apns_port: int = 8103
    smtp_port: int = 0
    apple_root: Path | None = None
    apple_intermediate: Path | None = None
    apns_certificate: Path | None = None
    apns_key: Path | None = None
    google_users: Path | None = None
    join_urls: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    fetch_images: bool = True
    retry_after: float = 2.0  # seconds before an iPhone tries a failed web service call again; doubles up to a minute

    def __post_init__(self) -> None:
        object.__setattr__(self, "server_url", self.server_url.rstrip("/"))
        object.__setattr__(self, "directory", Path(self.directory))
        names = {
            "apple_root": "root.pem",
            "apple_intermediate": "wwdr.pem",
            "apns_certificate": "apns-server.pem",
            "apns_key": "apns-server.key",
            "google_users": "google-users.json",
        }
        for field, name in names.items():
            object.__setattr__(self, field, Path(getattr(self, field) or self.directory / name))

    def trust(self, field: str) -> Path:
        path: Path = getattr(self, field)
        return path
