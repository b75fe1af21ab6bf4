"""What is written to guests, in their languages. Each text names the restaurant: who gets it must know whom it is from.

A code fits into one SMS (160 letters, of which Cyrillic has 70) unless the restaurant has a long name.
"""

from walletpass.programs import Program

FALLBACK = "en"
CODES = {
    "join": {
        "en": "{code} is your code for your card at {program}. Tell it to nobody.",
        "uk": "{code} – код картки {program}. Нікому його не кажіть.",
        "ru": "{code} – код карты {program}. Никому его не говорите.",
    },
    "redeem": {
        "en": "{code} is your code to pay with points at {program}. Tell it only to the staff in front of you.",
        "uk": "{code} – код оплати балами в {program}. Скажіть лише касиру.",
        "ru": "{code} – код оплаты баллами в {program}. Скажите только кассиру.",
    },
    "login": {
        "en": "{code} is your code to sign in at {program}. Tell it to nobody.",
        "uk": "{code} – код для входу в {program}. Нікому його не кажіть.",
        "ru": "{code} – код для входа в {program}. Никому его не говорите.",
    },
}
INVITATION = {
    "en": "{program} invites you: points for every visit, on a card in your phone. Get it here: {url}",
    "uk": "{program} запрошує: бали за кожен візит, картка у вашому телефоні. Отримати: {url}",
    "ru": "{program} приглашает: баллы за каждый визит, карта в вашем телефоне. Получить: {url}",
}
COAT_KEPT = {
    "en": "You left something at {program}. We keep it for you; come by any time.",
    "uk": "Ви залишили в {program} свою річ. Ми її зберігаємо – приходьте.",
    "ru": "Вы оставили в {program} свою вещь. Мы её храним – приходите.",
}
SUBJECTS = {
    "code": {"en": "Your code for {program}", "uk": "Ваш код для {program}", "ru": "Ваш код для {program}"},
    "link": {"en": "Your card at {program}", "uk": "Ваша картка {program}", "ru": "Ваша карта {program}"},
    "invitation": {"en": "An invitation from {program}", "uk": "Запрошення від {program}", "ru": "Приглашение от {program}"},
}


def code(program: Program, digits: str, purpose: str, language: str) -> str:
    """``purpose`` is join, redeem or login."""
    return _said(CODES[purpose], program, language, code=digits)


def invitation(program: Program, url: str, language: str) -> str:
    return _said(INVITATION, program, language, url=url)


def coat_kept(program: Program, language: str) -> str:
    return _said(COAT_KEPT, program, language)


def subject(program: Program, kind: str, language: str) -> str:
    """The first line of a mail; for a kind of message without one, the restaurant's name."""
    return _said(SUBJECTS[kind], program, language) if kind in SUBJECTS else program.name


def _said(table: dict[str, str], program: Program, language: str, **values: str) -> str:
    return table.get(language, table[FALLBACK]).format(program=program.name, **values)
