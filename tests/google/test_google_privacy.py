import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.google.faces import DESIGNS, KNOWN, shipped, ticket
from walletpass import google
from walletpass.google.save_link import save_token

WORDS = st.text(st.characters(categories=["L"]), min_size=3, max_size=12).map("Zz".__add__)


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(DESIGNS),
    first=WORDS,
    last=WORDS,
    phone=st.from_regex(r"\+49151[0-9]{7}", fullmatch=True),
    mail=WORDS.map("{}@zz.example".format),
    names=st.booleans(),
)
def test_nothing_of_a_person_is_told_to_google_but_a_first_name_where_it_may_be(
    name: str, first: str, last: str, phone: str, mail: str, names: bool
) -> None:
    person = {"holder": f"{first} {last}", "phone": phone, "email": mail, "birthday": "1990-02-29", "note": f"{first}: {phone}"}
    face = shipped(name, values={**KNOWN, **person}, google_names=names)
    of_coat = ticket(name, values={"coat": "A17", **person}, google_names=names)
    shared = [google.loyalty_class(face), google.generic_class(of_coat), google.generic_object(of_coat)]
    link = save_token(Unsigned(), face, tickets=[of_coat])  # type: ignore[arg-type]  # its claims are all that we look at
    own = google.loyalty_object(face)
    assert own.pop("accountName", None) == (first if names else None)
    told = "\n".join(_texts_in([*shared, own, json.loads(link)]))
    for text in (first, last, phone, phone[1:], mail, "1990-02-29"):
        assert text not in told


class Unsigned:
    """Gives the claims of a save link as they are."""

    email = "walletpass@luna.iam.gserviceaccount.com"

    def sign(self, claims: dict[str, Any]) -> str:
        return json.dumps(claims)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)
    else:
        yield str(value)
