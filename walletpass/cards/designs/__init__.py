"""The static half of a card: a folder under `pass_templates/`, read once and looked at again when it changes.

<design>/design.toml            style, barcode, palettes, fields by slot; perhaps stamps, links, places, a coat ticket
<design>/strings/<lang>.toml    the same keys in every language
<design>/images/<palette>/      PNGs: Apple's names at 1x 2x 3x, stamp_*.png likewise, google_*.png

`load_design` gives a sound design or a ConfigurationError with every fault; `check_design` gives the faults as sentences,
`read_design` both. `stamped` draws the strip of a stamp card, `fingerprint` says whether two readings look the same.
"""

from walletpass.cards.designs.fingerprint import fingerprint
from walletpass.cards.designs.model import (
    LANGUAGES,
    SCALES,
    SLOTS,
    STYLES,
    Beacon,
    Design,
    FieldSpec,
    Link,
    Palette,
    Spot,
    Stamps,
)
from walletpass.cards.designs.reading import (
    Reading,
    check_design,
    design_folder,
    design_names,
    last_change,
    load_design,
    read_design,
    state_of,
)
from walletpass.cards.designs.stamps import stamped

__all__ = [
    "LANGUAGES",
    "SCALES",
    "SLOTS",
    "STYLES",
    "Beacon",
    "Design",
    "FieldSpec",
    "Link",
    "Palette",
    "Reading",
    "Spot",
    "Stamps",
    "check_design",
    "design_folder",
    "design_names",
    "fingerprint",
    "last_change",
    "load_design",
    "read_design",
    "stamped",
    "state_of",
]
