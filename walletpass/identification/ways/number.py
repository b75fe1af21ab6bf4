from walletpass import cards
from walletpass.cards.codes import bare
from walletpass.identification.way import Asked, Identified, Strength


class Number:
    """The eight digits under the code, typed, or the bars of a Code128. They name the card; a typing error is found by the last."""

    name = "number"
    uses_up = False

    def reads(self, text: str) -> bool:
        return cards.is_card_number(bare(text))

    def find(self, asked: Asked) -> Identified:
        asked.knock(self.name, "")
        return Identified(cards.find_by_code(asked.session, asked.program.id, asked.text), self.name, Strength.NAMED)
