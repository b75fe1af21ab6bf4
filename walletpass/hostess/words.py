"""The sentences, in three languages: what may be said to a guest's face.

None has the name in it: that stands above, and in Ukrainian it would want another case. An owner's own words may.
"""

from collections.abc import Mapping
from datetime import date
from string import Formatter

from babel.dates import format_date

from walletpass.errors import Malformed
from walletpass.guests import LANGUAGES

LONGEST = 160
Words = Mapping[str, str]

SENTENCES: Mapping[str, Words] = {
    "review": {
        "en": "Thank you for your review of {date}.",
        "uk": "Дякуємо за ваш відгук від {date}.",
        "ru": "Спасибо за ваш отзыв от {date}.",
    },
    "absence": {
        "en": "We have missed you since {month}.",
        "uk": "Ми не бачили вас з {month} - раді, що ви знову тут.",
        "ru": "Мы не видели вас с {month} - рады, что вы снова здесь.",
    },
    "coat_here": {
        "en": "Do not forget your things in the cloakroom: {hook}.",
        "uk": "Не забудьте свої речі в гардеробі: {hook}.",
        "ru": "Не забудьте свои вещи в гардеробе: {hook}.",
    },
    "coat_kept": {
        "en": "You left something in our cloakroom last time: it is waiting for you.",
        "uk": "Минулого разу ви дещо залишили в нашому гардеробі - воно чекає на вас.",
        "ru": "В прошлый раз вы кое-что оставили в нашем гардеробе - оно ждёт вас.",
    },
    "birthday": {"en": "Happy birthday!", "uk": "З днем народження!", "ru": "С днём рождения!"},
    # Nobody is congratulated before the day.
    "birthday_soon": {
        "en": "Your birthday is on {date}: may we keep a table for you?",
        "uk": "{date} у вас день народження: залишити для вас столик?",
        "ru": "{date} у вас день рождения: оставить для вас столик?",
    },
    "birthday_past": {
        "en": "Belated best wishes for your birthday!",
        "uk": "З минулим днем народження!",
        "ru": "С прошедшим днём рождения!",
    },
    "first_visit": {
        "en": "Welcome! You are with us for the first time.",
        "uk": "Вітаємо! Ви у нас уперше.",
        "ru": "Добро пожаловать! Вы у нас впервые.",
    },
    "booking_note": {
        "en": "We have read your note: {note}.",
        "uk": "Ми прочитали ваше побажання: {note}.",
        "ru": "Мы прочли ваше пожелание: {note}.",
    },
    "usual_waiter": {
        "en": "{waiter} is here today, and will gladly look after you.",
        "uk": "Сьогодні працює {waiter} і з радістю про вас подбає.",
        "ru": "Сегодня работает {waiter} и с радостью о вас позаботится.",
    },
    "vip": {"en": "It is an honour to have you here.", "uk": "Для нас честь вітати вас.", "ru": "Для нас честь принимать вас."},
    "regular": {"en": "Good to see you again.", "uk": "Раді бачити вас знову.", "ru": "Рады видеть вас снова."},
    "again": {"en": "Welcome back.", "uk": "Вітаємо знову!", "ru": "С возвращением!"},
}
# What an owner's own words may have in braces, besides {name}.
MAY_SAY: Mapping[str, frozenset[str]] = {
    "review": frozenset({"date", "site"}),
    "absence": frozenset({"month", "days"}),
    "coat_here": frozenset({"hook"}),
    "coat_kept": frozenset({"where"}),
    "birthday": frozenset({"date"}),
    "first_visit": frozenset(),
    "booking_note": frozenset({"note"}),
    "usual_waiter": frozenset({"waiter"}),
    "vip": frozenset(),
    "regular": frozenset({"visits"}),
    "again": frozenset(),
}


def say(form: str, kind: str, own: Words, language: str, values: Mapping[str, str]) -> str:
    """The owner's words for the ``kind``, or ours for the ``form`` of it, with the values put in."""
    words = own.get(language) or SENTENCES[form].get(language) or SENTENCES[form]["en"]
    for name, value in values.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def checked(kind: str, own: Words) -> dict[str, str]:
    """An owner's words as they are kept, empty ones left out. Raises Malformed, with ``field``."""
    kept = {}
    for language, text in own.items():
        if language not in LANGUAGES:
            raise Malformed(f"A language is one of {', '.join(LANGUAGES)}.", field="words")
        words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        if len(words) > LONGEST:
            raise Malformed(f"A sentence has {LONGEST} letters at most: it is said in one breath.", field="words")
        if _named(words) - MAY_SAY[kind] - {"name"}:
            allowed = ", ".join(f"{{{name}}}" for name in sorted(MAY_SAY[kind] | {"name"}))
            raise Malformed(f"In braces this sentence may have {allowed}.", field="words")
        if words:
            kept[language] = words
    return kept


def day(moment: date, language: str, today: date) -> str:
    """``12 May``, with the year where the same day has come round since."""
    return format_date(moment, "d MMMM" if (today - moment).days < 330 else "d MMMM y", locale=language)


def month(moment: date, language: str, today: date) -> str:
    """``March``, in the case that follows "since"; with the year from nearly a year on."""
    return format_date(moment, "MMMM" if (today - moment).days < 330 else "MMMM y", locale=language)


def _named(text: str) -> set[str]:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise Malformed("A brace stands alone. Write {name}, or leave it out.", field="words") from None
    if any(name is not None and (spec or conversion or not name.isidentifier()) for _, name, spec, conversion in parts):
        raise Malformed("In braces stands a word alone, like {name}.", field="words")
    return {name for _, name, _, _ in parts if name is not None}
