from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "uk", "ru")
SLOTS = ("header", "primary", "secondary", "auxiliary", "back")
BARCODES = ("QR", "Aztec", "PDF417", "Code128")
SCALES = {"": 1, "@2x": 2, "@3x": 3}

# The images of each style that travel in an Apple pass.
STYLES: Mapping[str, tuple[str, ...]] = {"storeCard": ("icon", "logo", "strip"), "generic": ("icon", "logo", "thumbnail")}
STAMP_IMAGES = ("stamp_on", "stamp_off", "stamp_reward", "stamp_reward_on")

# What a field may be bound to, besides contact.* and text.*.
CARD_VALUES = (
    "points",
    "stamps",
    "stamps_text",
    "tier",
    "visits",
    "next_reward",
    "rewards",
    "expiring",
    "expiring_on",
    "coat",
    "confirm",
    "items",
    "venue",
    "message",
    "holder",
    "number",
    "page",
)
CONTACT_VALUES = ("phone", "email", "website", "terms", "address")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class FieldSpec:
    """One field: ``value`` names what the card knows (see `CardFace.value`), ``label`` and ``change`` are string keys."""

    slot: str
    key: str
    value: str
    label: str = ""
    change: str = ""


@dataclass(frozen=True)
class Stamps:
    """``total`` places for stamps in ``rows``; boxes are left, top, width and height in points of the 375 x 144 strip, and
    of the hero, which shows the same height and is 442.3 wide."""

    total: int
    box: Box
    google_box: Box
    value: str = "stamps"
    rows: int = 1


@dataclass(frozen=True)
class Spot:
    """A place where the card comes up on the lock screen; ``text`` is a string key."""

    latitude: float
    longitude: float
    text: str = ""


@dataclass(frozen=True)
class Beacon:
    uuid: str
    major: int | None = None
    minor: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Link:
    """A line on the back that leads somewhere; ``label`` is a string key, and the field's key with it."""

    label: str
    url: str


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours as Apple writes them (``rgb(r, g, b)``), accents as the web does (``#rrggbb``), and the images by name."""

    name: str
    background: str
    foreground: str
    label: str
    accent: str
    accent_dark: str
    images: Mapping[str, bytes]


@dataclass(frozen=True, eq=False)
class Design:
    """``slug`` is the folder's name, ``name`` what people read; ``ticket`` is the coat ticket of a guest without a card."""

    name: str
    style: str
    barcode: str
    palettes: Mapping[str, Palette]
    fields: tuple[FieldSpec, ...]
    strings: Mapping[str, Mapping[str, str]]
    slug: str = ""
    stamps: Stamps | None = None
    spots: tuple[Spot, ...] = ()
    beacons: tuple[Beacon, ...] = ()
    links: tuple[Link, ...] = ()
    ticket: "Design | None" = None

    def text(self, key: str, language: str) -> str:
        return self.strings.get(language, self.strings["en"])[key]

    @property
    def apple_images(self) -> tuple[str, ...]:
        """The names of the images in a pass of this style, at every scale."""
        return tuple(f"{name}{scale}.png" for name in STYLES[self.style] for scale in SCALES)
