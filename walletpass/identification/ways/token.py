from walletpass.identification import carriers
from walletpass.identification.way import Asked, Identified, Strength


class Token:
    """Whatever was bound to a guest: the number of a chip in a sticker or a ring, the print on a coin, a plastic card."""

    name = "token"
    uses_up = False

    def reads(self, text: str) -> bool:
        return bool(carriers.normal(text))

    def find(self, asked: Asked) -> Identified:
        return Identified(carriers.opened(asked.session, asked.program.id, "carrier", asked.text), self.name, Strength.SHOWN)
