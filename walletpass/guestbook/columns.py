"""Which column holds what: a guess from the first line, in the languages of our guests and of the tills around them, and from the
cells below it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from walletpass.errors import Malformed

FIELDS = ("name", "surname", "phone", "email", "birthday", "city", "language", "points", "expires", "old_number")

# A name of a column that needs no guess. Case, accents and punctuation do not count; All are compared as `_said` says them.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "phone": (
        "phone", "phone number", "mobile", "mobile phone", "mobile number", "cell", "cell phone", "cellphone", "tel", "tel no", "telephone", "telephone number", "msisdn",
        "телефон", "тел", "номер телефону", "номер телефона", "мобільний", "мобильный", "моб телефон", "мобільний телефон", "мобильный телефон",
        "telefon", "telefonnummer", "telefonnr", "telefon nr", "tel nr", "rufnummer", "handy", "handynummer", "handynr", "mobil", "mobiltelefon", "mobilnummer", "mobilfunknummer",
        "teléfono", "móvil", "celular", "número de teléfono", "téléphone", "numéro de téléphone", "portable", "telefono", "cellulare",
        "numero di telefono", "numer telefonu", "nr telefonu", "komórka", "telefon komórkowy",
    ),
    "name": (
        "name", "full name", "guest", "guest name", "client", "customer", "customer name", "first name", "firstname", "given name",
        "ім'я", "имя", "им'я", "піб", "п і б", "прізвище та ім'я", "гість", "клієнт", "фио", "ф и о", "гость", "клиент", "имя клиента", "покупатель",
        "vorname", "vor- und nachname", "vollständiger name", "gast", "kunde", "kundenname", "gastname",
        "nombre", "nombre completo", "cliente", "nom complet", "prénom", "nome", "nome completo", "nome e cognome", "imię", "imię i nazwisko", "klient",
    ),
    "surname": ("surname", "last name", "lastname", "family name", "прізвище", "фамилия", "nachname", "familienname", "apellido", "apellidos", "nom", "nom de famille", "cognome", "nazwisko"),
    "email": (
        "email", "e-mail", "e mail", "mail", "email address", "e-mail address", "пошта", "ел пошта", "електронна пошта", "эл почта", "почта", "электронная почта",
        "емейл", "імейл", "имейл", "мейл", "e-mail-adresse", "email-adresse", "e-mail adresse", "emailadresse", "mailadresse", "correo", "correo electrónico",
        "courriel", "adresse e-mail", "adresse email", "posta elettronica", "indirizzo e-mail", "indirizzo email", "adres e-mail", "adres email",
    ),
    "birthday": (
        "birthday", "birth date", "birthdate", "date of birth", "dob", "born", "день народження", "дата народження", "день рождения", "дата рождения", "др", "дн",
        "geburtstag", "geburtsdatum", "geb", "geb datum", "geboren", "geboren am", "cumpleaños", "fecha de nacimiento", "nacimiento", "anniversaire",
        "date de naissance", "né le", "compleanno", "data di nascita", "urodziny", "data urodzenia",
    ),
    "city": ("city", "town", "region", "місто", "область", "регіон", "город", "регион", "stadt", "ort", "wohnort", "ciudad", "ville", "città", "miasto", "miejscowość"),
    "language": ("language", "lang", "locale", "мова", "язык", "sprache", "idioma", "langue", "lingua", "język"),
    "points": (
        "points", "balance", "bonus", "bonuses", "bonus balance", "points balance", "бали", "баланс", "бонуси", "баланс балів", "бонусний баланс",
        "баллы", "бонусы", "бонусный баланс", "баланс баллов", "остаток", "punkte", "punktestand", "bonuspunkte", "treuepunkte", "guthaben", "saldo",
        "puntos", "saldo de puntos", "solde", "solde de points", "punti", "saldo punti", "punkty", "saldo punktów",
    ),
    "expires": (
        "expires", "expiry", "expires at", "expires on", "expiry date", "valid until", "valid till", "valid to", "expiration", "expiration date",
        "дійсні до", "дійсний до", "згорають", "термін дії", "діє до", "сгорают", "действуют до", "действует до", "срок действия", "действительны до", "дата сгорания",
        "gültig bis", "verfällt", "verfällt am", "verfallen am", "verfall", "verfallsdatum", "ablauf", "ablaufdatum", "läuft ab", "läuft ab am", "gültigkeit",
        "válido hasta", "caduca", "caducidad", "fecha de caducidad", "vencimiento", "valable jusqu'au", "expire le", "date d'expiration", "valido fino al",
        "scadenza", "data di scadenza", "ważne do", "ważny do", "data ważności", "wygasa",
    ),
    "old_number": (
        "card", "card number", "card no", "plastic card", "old card", "old number", "loyalty card", "номер картки", "картка", "карта", "номер карти",
        "номер карты", "карточка", "номер карточки", "дисконтна картка", "дисконтная карта", "karte", "kartennummer", "kartennr", "karten nr", "karten-nr",
        "kundenkarte", "kundennummer", "tarjeta", "número de tarjeta", "carte", "numéro de carte", "tessera", "numero tessera", "numero carta", "numer karty", "nr karty",
    ),
}  # fmt: skip
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{7,18}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_YEAR = re.compile(r"[0-9]{4}")
GROWN_UP = 12  # years
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}")


def is_header(first: Sequence[str]) -> bool:
    """A line of names: no number and no address stands in it, and we know a word of it or each of its cells has letters."""
    cells = [cell.strip() for cell in first]
    if any(_PHONE.fullmatch(cell.lstrip("'")) or _EMAIL.fullmatch(cell) or _DATE.fullmatch(cell) for cell in cells):
        return False
    return any(_said(cell) in _KNOWN for cell in cells) or all(any(char.isalpha() for char in cell) for cell in cells if cell)


def guess(first: Sequence[str], below: Sequence[Sequence[str]], header: bool, today: date) -> dict[str, int]:
    """The column (from 0) of each field that was recognised; none has two. A column that has a name is a birthday by that name alone:
    dates in it may be of anything."""
    said = [_said(cell) if header else "" for cell in first]
    found: dict[str, int] = {}
    for place, name in enumerate(said):
        field = _KNOWN.get(name)
        if field is not None and field not in found:
            found[field] = place
    for place, name in enumerate(said):
        if name in _KNOWN:
            continue
        column = [row[place].strip().lstrip("'") for row in below if place < len(row) and row[place].strip()]
        field = _alike(column, today)
        if field is not None and field not in found and not (name and field == "birthday"):
            found[field] = place
    return found


def _alike(column: Sequence[str], today: date) -> str | None:
    """What nearly all of these cells look like."""
    for field, form in (("email", _EMAIL), ("birthday", _DATE), ("phone", _PHONE)):
        if column and sum(form.fullmatch(cell) is not None for cell in column) * 10 >= len(column) * 8:
            return field if field != "birthday" or _of_births(column, today) else None
    return None


def _of_births(dates: Sequence[str], today: date) -> bool:
    """Whether people may have been born then: nobody in a year to come, and most of them grown up."""
    years = [int(year) for year in _YEAR.findall(" ".join(dates))]
    return all(year <= today.year for year in years) and sum(year <= today.year - GROWN_UP for year in years) * 2 >= len(years)


def _said(cell: str) -> str:
    plain = "".join(char for char in unicodedata.normalize("NFKD", cell.casefold()) if not unicodedata.combining(char))
    words = re.sub(r"[\s_.:*()\ufeff]+", " ", plain.replace("ʼ", "'").replace("’", "'").replace("`", "'"))
    return words.strip()


_KNOWN = {_said(word): field for field, words in _WORDS.items() for word in words}


def guess_dates(cells: Sequence[str]) -> str:
    """The order of day and month in dates with a slash or a point: dmy, unless a second number is above 12."""
    second = [int(part[1]) for part in (re.split(r"[./]", cell.strip()) for cell in cells) if len(part) >= 2 and part[1].isdigit()]
    first = [int(part[0]) for part in (re.split(r"[./]", cell.strip()) for cell in cells) if len(part) >= 2 and part[0].isdigit()]
    return "mdy" if any(number > 12 for number in second) and not any(number > 12 for number in first) else "dmy"


def checked(mapping: Mapping[str, int]) -> dict[str, int]:
    """Raises Malformed for a field that is none, a column named twice, or no column of phone numbers."""
    wrong = [field for field in mapping if field not in FIELDS]
    if wrong:
        raise Malformed(f"{wrong[0]!r} is not a field of a guest. Fields are {', '.join(FIELDS)}.", field=wrong[0])
    if "phone" not in mapping:
        raise Malformed("Say which column holds the phone numbers: guests are known by them.", field="phone")
    if len(set(mapping.values())) < len(mapping) or any(not 0 <= place < 1_000 for place in mapping.values()):
        raise Malformed("Each column holds one thing. Choose another column.", field="mapping")
    if "expires" in mapping and "points" not in mapping:
        raise Malformed("Say which column holds the points that expire, too.", field="points")
    return dict(mapping)
