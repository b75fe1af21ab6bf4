"""The translations."""

import pytest

from tests.apple.inspected import ENGLISH, UKRAINIAN, Maker, rules

EN, UK = "en.lproj/pass.strings", "uk.lproj/pass.strings"


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


CASES = [
    ("strings-folder-name", {"english.lproj/pass.strings": ENGLISH.encode()}),
    ("strings-folder-name", {"en_US.lproj/pass.strings": ENGLISH.encode()}),
    ("strings-without-mark", {EN: ENGLISH.encode("utf-16-le")}),
    ("strings-encoding", {UK: UKRAINIAN.encode("cp1251")}),
    ("strings-encoding", {UK: UKRAINIAN.encode("utf-16")[:-1]}),
    ("strings-syntax", {UK: UKRAINIAN.replace(";", "").encode()}),
    ("strings-syntax", {UK: UKRAINIAN.replace("=", ":").encode()}),
    ("strings-syntax", {UK: (UKRAINIAN + '"more"').encode()}),
    ("strings-syntax", {UK: UKRAINIAN.replace('"Бали"', '"Ба"ли"').encode()}),
    ("strings-syntax", {UK: UKRAINIAN.rstrip("\n;").encode()}),
    ("strings-duplicate-key", {UK: (UKRAINIAN + UKRAINIAN.splitlines()[0]).encode()}),
    ("strings-escape", {UK: UKRAINIAN.replace("Бали", "Ба\\ли").encode()}),
    ("strings-keys-differ", {UK: (UKRAINIAN + '"lbl_new" = "Нове";').encode()}),
    ("strings-keys-differ", {UK: UKRAINIAN.splitlines()[1].encode()}),
    ("strings-too-large", {UK: b"/*" + b" " * 600_000 + b"*/" + UKRAINIAN.encode()}),
]


@pytest.mark.parametrize(("rule", "files"), CASES)
def test_translations_a_phone_cannot_use_have_one_finding(maker, rule, files):
    assert maker.found(maker.make(**files)) == [rule]


@pytest.mark.parametrize("language", ["de", "pt-BR", "zh-Hans", "zh-Hant-TW", "es-419", "fil"])
def test_languages_of_every_form_are_known(maker, language):
    assert maker.found(maker.make(**{f"{language}.lproj/pass.strings": ENGLISH.encode()})) == []


def test_escapes_comments_and_bare_keys_are_read_as_apple_does(maker):
    text = '// one\n/* "two" = ; */ lbl_points="a \\"b\\" \\\\ \\n \\U0411 \\101";\r\n"chg_points"\n=\n"%@ 🙂";'
    assert maker.found(maker.make(**{UK: text.encode("utf-16")})) == []
    assert maker.found(maker.make(**{UK: b"\xef\xbb\xbf" + text.encode()})) == []


def test_the_sentence_names_the_line_and_the_language_that_lacks_a_key(maker):
    report = maker.inspect(maker.make(**{UK: (UKRAINIAN + '"more" "text";').encode()}))
    assert "at line 3: '=' is missing" in report.findings[0].sentence
    report = maker.inspect(maker.make(**{UK: UKRAINIAN.splitlines()[1].encode()}))
    assert rules(report) == ["strings-keys-differ"]
    assert report.findings[0].sentence.startswith("uk.lproj/pass.strings lacks 'lbl_points', which en.lproj has.")


def test_a_pass_without_translations_is_sound(maker):
    content = maker.content(storeCard={"headerFields": [{"key": "points", "value": 1, "changeMessage": "Now %@"}]})
    assert maker.found(maker.make(content, **{EN: ..., UK: ...})) == []


def test_a_half_megabyte_of_brackets_is_read_in_no_time(maker):
    hostile = (b'"' + b"\\" * 200_000, b"/*" * 100_000, b'"a"="b";' * 30_000, b'"\\' * 100_000)
    for data in hostile:
        assert set(maker.found(maker.make(**{UK: data}))) <= {
            "strings-syntax",
            "strings-duplicate-key",
            "strings-keys-differ",
            "strings-escape",
        }
