from walletpass import cards
from walletpass.cards.codes import bare
from walletpass.identification.way import Asked, Identified, Strength


class Code:
    """The digits of the card's QR, Aztec or PDF417 code. They never change, so a photograph shows them as well."""

    name = "code"
    uses_up = False

    def reads(self, text: str) -> bool:
        return cards.is_card_code(bare(text))

    def find(self, asked: Asked) -> Identified:
        return Identified(cards.find_by_code(asked.session, asked.program.id, asked.text), self.name, Strength.SHOWN)
