"""The owner's page of the rules: seen, changed, refused beside the field, tried out, and never lost."""

import contextlib
import re
import threading
from html import unescape

import pytest

from tests.cast import make_app, open_house
from tests.tills import signed_in
from walletpass import database, programs
from walletpass.programs import RULES, Step
from walletpass.programs.rules import FORBID_REWARDS
from walletpass.web import rule_choices, rule_words

PAGE = "/t/luna/rules"
FIELD = re.compile(r"<input\b[^>]*>|<textarea\b[^>]*>")


@pytest.fixture
def owner(house):
    return signed_in(make_app(), house, "Dmitro")


def fields(page):
    """What a browser would send: ticked boxes, chosen options, typed and hidden values."""
    sent = []
    for tag in FIELD.findall(page[page.index("<form") : page.index("</form>")]):
        attribute = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if attribute.get("type") in ("radio", "checkbox") and not re.search(r"\schecked(?=[\s>])", tag):
            continue
        sent.append((attribute["name"], unescape(attribute.get("value", ""))))
    return sent


def form(browser, **typed):
    """The page's form with some fields typed anew; None unticks a box."""
    found = {}
    for name, value in fields(browser.get(PAGE).text):
        found.setdefault(name, []).append(value)
    for name, value in typed.items():
        name = name.replace("__", "-")
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value if isinstance(value, list) else [value]
    return {**found, "action": ["save"]}


def rules():
    with database.reading() as session:
        program = programs.get(session, "luna")
        return {rule.name: getattr(program, rule.name) for rule in RULES}


def tiers():
    with database.reading() as session:
        return [(tier.name, tier.threshold, tier.earn_bps, tier.discount_percent) for tier in programs.tiers(session, "luna")]


def test_every_rule_has_a_label_a_sentence_and_a_field(owner):
    page = owner.get(PAGE).text
    names = {name for name, _value in fields(page)} | set(re.findall(r'name="([a-z_]+)"', page))
    for rule in RULES:
        assert rule.name in names
        assert rule.name in rule_words.LABELS
        assert rule.name in rule_words.SENTENCES
    assert "A check of €50.00 earns 500 points." in page
    assert "Of a check of €50.00, points pay €25.00 at most." in page


def test_saving_what_stands_there_changes_nothing(owner):
    before = rules()
    answer = owner.post(PAGE, data=form(owner))
    assert answer.location == f"{PAGE}?saved=0"
    assert rules() == before
    assert "nothing was changed" in owner.get(answer.location).text


def test_what_changed_is_said_with_who_and_from_when_it_holds(owner):
    answer = owner.post(PAGE, data=form(owner, cap_percent="40", max_amount="250,50", tax_earns=None, no_earn_categories="wine, tobacco"))
    assert answer.location == f"{PAGE}?saved=4"
    page = owner.get(answer.location).text
    assert "It holds for every check from now on" in page
    assert "Most of a check: 40 %, before 50 %" in page
    assert "Dmitro changed “Most of a check” from 50 % to 40 %" in page
    assert "Dmitro changed “Largest check” from €10,000.00 to €250.50" in page
    found = rules()
    assert (found["cap_percent"], found["max_amount"], found["tax_earns"]) == (40, 25_050, False)
    assert found["no_earn_categories"] == ["wine", "tobacco"]
    assert "Saved." not in owner.get(PAGE).text


def test_a_currency_without_cents_is_typed_in_whole_units(owner):
    with database.transaction() as session:
        programs.change(session, programs.get(session, "luna"), currency="JPY")
    page = owner.get(PAGE).text
    assert 'name="max_amount" value="1000000"' in page
    assert owner.post(PAGE, data=form(owner, max_amount="500.50")).status_code == 422
    assert owner.post(PAGE, data=form(owner, max_amount="50000")).status_code == 303
    assert rules()["max_amount"] == 50_000


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"cap_percent": "140"}, "cap_percent", "Not more than 100."),
        ({"cap_percent": "-1"}, "cap_percent", "Write a whole number, like 15."),
        ({"max_amount": "0"}, "max_amount", "Not less than 0.01."),
        ({"max_amount": "1,234"}, "max_amount", "Write an amount, like 12.50."),
        ({"earn_bps": "0.125"}, "earn_bps", "Write a number with two decimals at most"),
        ({"kind": "lottery"}, "kind", "Choose one of these."),
        ({"birthday_window_days": "61"}, "birthday_window_days", "Not more than 60."),
        ({"expiry": "date", "expiry_month": "2", "expiry_day": "30"}, "expiry_day", "That month has only 29 days."),
        ({"kind": "discount"}, "tier_by", "A discount goes by tier"),
        ({"review_points": "50"}, "review_points", "Switch a site on below"),
        ({"no_earn_categories": "x" * 41}, "no_earn_categories", "40 letters at most"),
        ({"tier_by": "spend", "tier__1__name": "Gold", "tier__1__threshold": "lots"}, "tier-1-threshold", "Write an amount"),
        ({"tier_by": "visits", "tier__1__name": "Gold", "tier__1__threshold": "0"}, "tier-1-threshold", "Each tier begins above"),
    ],
)
def test_a_fault_stands_beside_its_field_with_what_was_typed_and_nothing_is_saved(owner, typed, field, sentence):
    before = rules()
    answer = owner.post(PAGE, data=form(owner, **{"undo_minutes": "33", **typed}))
    assert answer.status_code == 422
    assert (rules(), tiers()) == (before, [])
    beside = re.search(rf'id="{field}-wrong">([^<]*)<', answer.text)
    assert sentence in unescape(beside.group(1))
    assert 'name="undo_minutes" value="33"' in answer.text
    assert "data-unsaved" in answer.text


def test_a_second_try_after_a_fault_saves(owner):
    answer = owner.post(PAGE, data=form(owner, cap_percent="140"))
    mended = {}
    for name, value in fields(answer.text):
        mended.setdefault(name, []).append(value)
    assert owner.post(PAGE, data={**mended, "cap_percent": "40", "action": "save"}).status_code == 303
    assert rules()["cap_percent"] == 40


def test_tiers_are_added_changed_and_taken_away(owner):
    steps = {
        "tier_by": "spend",
        "tier__1__name": "Silver",
        "tier__1__threshold": "300",
        "tier__1__earn_bps": "12",
        "tier__1__discount_percent": "5",
    }
    assert owner.post(PAGE, data=form(owner, **steps)).status_code == 303
    assert tiers() == [("Silver", 30_000, 1200, 5)]
    gold = {"tier__2__name": "Gold", "tier__2__threshold": "1000.00", "tier__2__earn_bps": "15"}
    assert owner.post(PAGE, data=form(owner, **gold)).status_code == 303
    assert tiers() == [("Silver", 30_000, 1200, 5), ("Gold", 100_000, 1500, 0)]
    assert owner.post(PAGE, data=form(owner, tier__1__name="")).status_code == 303
    assert tiers() == [("Gold", 100_000, 1500, 0)]
    assert "changed “Tiers” from Silver, Gold to Gold" in owner.get(PAGE).text


def test_who_was_overtaken_is_told_and_overwrites_nothing(owner, house):
    typed = form(owner, cap_percent="30")
    other = signed_in(make_app(), house, "Dmitro")
    assert other.post(PAGE, data=form(other, cap_percent="45")).status_code == 303
    answer = owner.post(PAGE, data=typed)
    assert answer.status_code == 409
    assert rules()["cap_percent"] == 45
    assert 'name="cap_percent" value="30"' in answer.text
    assert "from 50 % to 45 %" in answer.text
    again = {}
    for name, value in fields(answer.text):
        again.setdefault(name, []).append(value)
    assert owner.post(PAGE, data={**again, "action": "save"}).status_code == 303
    assert rules()["cap_percent"] == 30


def test_the_switches_of_sites_that_forbid_rewards_carry_the_warning(owner):
    page = owner.get(PAGE).text
    assert "TripAdvisor and Google forbid rewards for public reviews." in page
    assert owner.post(PAGE, data=form(owner, review_points="50", rewarded_sites=["google", "thefork"])).status_code == 303
    assert rules()["rewarded_sites"] == ["google", "thefork"]
    assert set(FORBID_REWARDS) == {"google", "tripadvisor"}
    assert owner.post(PAGE, data=form(owner, review_points="0", rewarded_sites=[""])).status_code == 303
    assert rules()["rewarded_sites"] == []


def test_a_manager_reads_and_tries_and_the_owner_saves(house):
    manager = signed_in(make_app(), house, "Clara")
    page = manager.get(PAGE).text
    assert "Save the rules" not in page
    assert manager.post(PAGE, data=form(manager, cap_percent="40")).status_code == 403
    assert rules()["cap_percent"] == 50
    assert manager.post(f"{PAGE}/simulate", data=form(manager, cap_percent="40")).status_code == 200
    cashier = signed_in(make_app(), house, "Bruno")
    for path in (PAGE, f"{PAGE}/simulate"):
        assert cashier.get(path).status_code == 403
        assert cashier.post(path, data={"action": "save"}).status_code == 403
        assert make_app().test_client().post(path).status_code == 401
        assert make_app().test_client().get(path).status_code == 302


def test_only_the_own_restaurant_s_rules_are_changed(owner, house):
    open_house("sova")
    assert owner.post("/t/sova/rules", data={"action": "save", "edition": "0", "cap_percent": "1"}).status_code == 401
    owner.post(PAGE, data=form(owner, cap_percent="40"))
    with database.reading() as session:
        assert programs.get(session, "sova").cap_percent == 50
        assert programs.changes(session, "sova") == []


def test_a_name_with_html_in_it_stays_text(owner):
    with database.transaction() as session:
        program = programs.get(session, "luna")
        programs.change(session, program, no_earn_categories=["<b>wine</b>"], tier_by="visits")
        programs.set_tiers(session, program, [Step('"><script>alert(1)</script>', 3, 1)])
    page = owner.get(PAGE).text
    assert "<script>alert" not in page
    assert "<b>wine" not in page


@pytest.mark.parametrize("kind", ["points", "cashback", "stamps", "discount"])
@pytest.mark.parametrize("language", ["en", "uk", "ru"])
def test_every_kind_is_told_in_every_language(owner, kind, language):
    with database.transaction() as session:
        programs.change(session, programs.get(session, "luna"), kind=kind, tier_by="visits")
    assert owner.get(f"{PAGE}?lang={language}").status_code == 200
    assert owner.get(f"{PAGE}/simulate?lang={language}").status_code == 200


def test_every_fault_has_words_of_its_own():
    import inspect

    from walletpass.programs import judging
    from walletpass.programs import tiers as steps

    codes = set(re.findall(r'Fault\([^,]+, "([a-z_]+)"', inspect.getsource(judging))) | set(
        re.findall(r'"(tier_[a-z]+)"', inspect.getsource(steps))
    )
    codes |= {"not_whole", "not_money", "not_rate", "too_low", "too_high"}
    with make_app().test_request_context():
        for code in codes - {"tier_days"}:
            assert rule_choices.fault(programs.Fault("x", code, "nothing said")) != "nothing said", code


def two_at_once(house, monkeypatch, forms, patience):
    """Two owners save the form that both opened before; each has looked at the rules before either has saved."""
    seen = programs.edition
    meet = threading.Barrier(2)

    def edition(session, program_id):
        found = seen(session, program_id)
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(patience)
        return found

    browsers = [signed_in(make_app(), house, "Dmitro") for _ in forms]
    filled = [form(browser, **typed) for browser, typed in zip(browsers, forms, strict=True)]
    monkeypatch.setattr(programs, "edition", edition)
    statuses = []
    threads = [
        threading.Thread(target=lambda one=one, sent=sent: statuses.append(one.post(PAGE, data=sent).status_code))
        for one, sent in zip(browsers, filled, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(statuses)


TWO = ({"cap_percent": "30"}, {"cap_percent": "45"})


def test_of_two_owners_who_save_at_once_one_is_told_of_the_other(house, monkeypatch):
    assert two_at_once(house, monkeypatch, TWO, patience=1.0) == [303, 409]
    with database.reading() as session:
        assert [(change.old, change.new) for change in programs.changes(session, "luna")] == [(50, rules()["cap_percent"])]


def test_without_the_lock_both_would_save(postgresql, monkeypatch):
    """The control: with the row not locked both find the edition that they opened, and one overwrites the other unseen."""
    house = open_house()
    monkeypatch.setattr(programs, "lock", programs.get)
    assert two_at_once(house, monkeypatch, TWO, patience=20.0) == [303, 303]
