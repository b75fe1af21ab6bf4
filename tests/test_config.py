"""Settings: a mistake is loud, and its sentence mends it."""

import dataclasses

import pytest

from walletpass import config
from walletpass.config import Settings, keyring, load
from walletpass.errors import ConfigurationError

KEY = "1:" + "ab" * 32
SOUND = {"WALLETPASS_SECRET_KEYS": KEY}


def refused(**environ):
    with pytest.raises(ConfigurationError) as caught:
        load({**SOUND, **environ})
    return caught.value.message


def test_settings_written_down_are_read_back():
    given = Settings(
        secret_keys=f"1:{'5e' * 32}", port=9000, base_url="http://127.0.0.1:9000", embedded_worker=False, sms_url="json://x/{to}"
    )
    written = config.environment(given)
    assert written.keys() == {f"WALLETPASS_{name}" for name in ("SECRET_KEYS", "PORT", "BASE_URL", "EMBEDDED_WORKER", "SMS_URL")}
    assert config.load(written) == given


def test_one_secret_is_all_that_a_first_start_needs():
    settings = load({**SOUND, "PATH": "/bin", "HOME": "/"})
    assert settings == Settings(secret_keys=KEY)
    assert settings.sqlite
    assert not settings.secure


def test_a_setting_is_read_from_its_variable():
    values = {
        "secret_keys": KEY, "base_url": "https://cards.example.com", "database_url": "postgresql://db/x", "certs_dir": "/c",
        "designs_dir": "/d", "host": "192.0.2.1", "port": "80", "processes": "2", "threads": "4", "embedded_worker": "off",
        "trusted_proxies": "1", "max_body": "1000", "log_level": "debug", "apns_url": "https://a", "apns_ca_file": "/a.pem",
        "google_api_url": "https://g", "google_save_url": "https://s",
    }  # fmt: skip
    assert values.keys() <= {field.name for field in dataclasses.fields(Settings)}
    settings = load({f"WALLETPASS_{name.upper()}": value for name, value in values.items()})
    assert {name: str(getattr(settings, name)) for name in values} == {**values, "embedded_worker": "False"}
    assert (settings.secure, settings.hostname, settings.sqlite) == (True, "cards.example.com", False)


def test_a_typing_mistake_is_refused():
    assert "WALLETPASS_BASEURL is not a setting" in refused(WALLETPASS_BASEURL="https://x")
    assert "WALLETPASS_ is not a setting" in refused(WALLETPASS_="x")
    assert "WALLETPASS__FILE is not a setting" in refused(WALLETPASS__FILE="x")


def test_a_missing_secret_says_how_to_make_one():
    with pytest.raises(ConfigurationError, match="walletpass keys new"):
        load({})


def test_a_secret_may_stand_in_a_file(tmp_path):
    path = tmp_path / "ring"
    path.write_text(f"  {KEY}\n")
    assert load({"WALLETPASS_SECRET_KEYS_FILE": str(path)}).secret_keys == KEY


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path, words in ((tmp_path / "nothing", "No such file"), (tmp_path, "directory"), (tmp_path / "binary", "not text")):
        with pytest.raises(ConfigurationError, match=words) as caught:
            load({"WALLETPASS_SECRET_KEYS_FILE": str(path)})
        assert str(path) in caught.value.message


def test_a_value_and_a_file_together_are_refused(tmp_path):
    path = tmp_path / "ring"
    path.write_text(KEY)
    assert "is set twice" in refused(WALLETPASS_SECRET_KEYS_FILE=str(path))


def test_a_real_setting_that_ends_in_file_is_itself(tmp_path):
    assert load({**SOUND, "WALLETPASS_APNS_CA_FILE": "/ca.pem"}).apns_ca_file == "/ca.pem"


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("TRUE", True), ("yes", True), ("On", True), ("0", False), ("off", False), ("No", False)]
)
def test_on_and_off_are_read(text, value):
    assert load({**SOUND, "WALLETPASS_EMBEDDED_WORKER": text}).embedded_worker is value


@pytest.mark.parametrize("text", ["", "maybe", "2", "tru", "on "])
def test_what_is_neither_on_nor_off_is_refused(text):
    assert "must be on or off" in refused(WALLETPASS_EMBEDDED_WORKER=text)


@pytest.mark.parametrize("text", ["", "80.0", "-1", "0x50", "8_000", "٨٠", "80 ", "9" * 5000, "²"])
def test_what_is_no_whole_number_is_refused(text):
    assert "WALLETPASS_PORT must be a whole number" in refused(WALLETPASS_PORT=text)


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "0"), ("PORT", "65536"), ("PROCESSES", "0"), ("THREADS", "0"), ("MAX_BODY", "0"), ("THREADS", "99999999")]
)
def test_a_number_that_cannot_work_is_refused(name, text):
    assert f"WALLETPASS_{name} must be from 1 to" in refused(**{f"WALLETPASS_{name}": text, "WALLETPASS_DATABASE_URL": "postgresql://x"})


def test_an_unknown_log_level_is_refused():
    assert "debug, info, warning, error" in refused(WALLETPASS_LOG_LEVEL="loud")


@pytest.mark.parametrize(
    "url",
    ["", "cards.example.com", "ftp://x", "https://", "https://x?y", "https://x#y", "https://x/shop", "https://x:port", "https://x:99999", "http://[::1", "https://me@x", "http://[::1]:8000"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url):
    assert "WALLETPASS_BASE_URL must be an address like https://cards.example.com" in refused(WALLETPASS_BASE_URL=url)


@pytest.mark.parametrize(
    "url", ["http://cards.example.com", "http://192.168.1.5:8000", "http://localhost.example.com", "http://0.0.0.0", "HTTP://x"]
)
def test_http_is_for_this_machine_alone(url):
    assert "is not https" in refused(WALLETPASS_BASE_URL=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://luna.localhost:8000", "http://127.9.9.9"])
def test_this_machine_needs_no_https(url):
    assert load({**SOUND, "WALLETPASS_BASE_URL": url}).base_url == url


def test_a_slash_at_the_end_is_dropped():
    assert load({**SOUND, "WALLETPASS_BASE_URL": "https://cards.example.com/"}).base_url == "https://cards.example.com"


def test_https_in_capitals_is_https():
    assert load({**SOUND, "WALLETPASS_BASE_URL": "HTTPS://Cards.Example.com"}).secure


def test_sqlite_takes_one_process():
    assert "SQLite takes one server process" in refused(WALLETPASS_PROCESSES="2")
    assert load({**SOUND, "WALLETPASS_PROCESSES": "2", "WALLETPASS_DATABASE_URL": "postgresql://x"}).processes == 2


@pytest.mark.parametrize(
    "ring",
    ["", "x", KEY[2:], "0:" + "ab" * 32, "10:" + "ab" * 32, "a:" + "ab" * 32, "1:" + "ab" * 31, "1:" + "zz" * 32, f"{KEY},{KEY}", f"{KEY},", f"{KEY};2:" + "cd" * 32, "１:" + "ab" * 32],
)  # fmt: skip
def test_a_ring_that_is_none_is_refused_without_being_repeated(ring):
    message = refused(WALLETPASS_SECRET_KEYS=ring)
    assert "walletpass keys new" in message
    assert "abab" not in message


def test_the_first_key_of_a_ring_signs():
    ring = keyring("2:" + "cd" * 32 + ", " + KEY)
    assert list(ring) == ["2", "1"]
    assert ring["1"] == bytes.fromhex("ab" * 32)


def test_settings_do_not_tell_their_secrets():
    said = repr(load({**SOUND, "WALLETPASS_DATABASE_URL": "postgresql://me:hunter2@db/x"}))
    assert "abab" not in said
    assert "hunter2" not in said


def test_without_settings_nothing_runs(monkeypatch):
    monkeypatch.setattr(config, "_current", None)
    with pytest.raises(ConfigurationError):
        config.current()


def test_a_file_of_secrets_that_others_can_read_is_told(tmp_path):
    ring = tmp_path / "ring"
    ring.write_text(KEY)
    ring.chmod(0o644)
    (told,) = config.exposed({"WALLETPASS_SECRET_KEYS_FILE": str(ring)})
    assert "WALLETPASS_SECRET_KEYS_FILE" in told
    assert f"chmod 600 {ring}" in told
    ring.chmod(0o600)
    assert config.exposed({"WALLETPASS_SECRET_KEYS_FILE": str(ring)}) == []


@pytest.mark.parametrize(
    "urls",
    ["", ",", "http://pay.google.com/keys", "https://", "pay.google.com/keys", "https://a/keys,ftp://b", "https://me@a/keys", "https://a/#b", "https://a:0/", "https://[::1", "https://a/ b", "https://ключ/"],
)  # fmt: skip
def test_keys_of_google_come_over_a_safe_way(urls):
    assert "WALLETPASS_GOOGLE_KEY_URLS must be https addresses" in refused(WALLETPASS_GOOGLE_KEY_URLS=urls)


def test_lists_of_google_are_read_with_and_without_blanks():
    settings = load(
        {**SOUND, "WALLETPASS_GOOGLE_KEY_URLS": " https://a/keys , http://127.0.0.1:1/keys,", "WALLETPASS_GOOGLE_SENDERS": "A, B"}
    )
    assert settings.key_urls == ("https://a/keys", "http://127.0.0.1:1/keys")
    assert settings.senders == ("A", "B")
    assert len(load(SOUND).key_urls) == len(load(SOUND).senders) == 2


@pytest.mark.parametrize("names", ["", " , ", "Google Pay", "Google;Pay", "x" * 65, "Гугл"])
def test_a_sender_that_is_no_name_is_refused(names):
    assert "WALLETPASS_GOOGLE_SENDERS must be names" in refused(WALLETPASS_GOOGLE_SENDERS=names)


@pytest.mark.parametrize("url", ["twilio://SID:hunter2@FROM/", "SID:hunter2@FROM/{to}", "{to}"])
def test_a_gateway_without_a_place_for_the_number_is_refused_without_being_repeated(url):
    message = refused(WALLETPASS_SMS_URL=url)
    assert "twilio://SID:TOKEN@FROM/{to}" in message
    assert "hunter2" not in message


def test_a_mail_server_is_for_the_owner_or_for_guests():
    assert "WALLETPASS_ALERT_TO, or WALLETPASS_MAIL_FROM" in refused(WALLETPASS_SMTP_URL="smtp://m")
    assert load({**SOUND, "WALLETPASS_SMTP_URL": "smtp://m", "WALLETPASS_MAIL_FROM": "ciao@luna.example"}).mail_from == "ciao@luna.example"
    assert "WALLETPASS_MAIL_FROM must be a mail address" in refused(WALLETPASS_MAIL_FROM="ciao")


def test_a_gateway_may_stand_in_a_file_and_is_a_secret(tmp_path):
    (tmp_path / "sms").write_text("json://gateway.example.com/{to}?key=hunter2\n")
    settings = load({**SOUND, "WALLETPASS_SMS_URL_FILE": str(tmp_path / "sms")})
    assert settings.sms_url == "json://gateway.example.com/{to}?key=hunter2"
    assert "hunter2" not in repr(settings)
