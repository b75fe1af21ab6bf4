"""Our own passes before they are handed out, the command for everybody's, and the list of rules."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.apple.inspected import Maker, marker, rules, zipped
from walletpass import apple, cards, config, database, programs
from walletpass.apple import inspection
from walletpass.apple.certificates import identity as identity_of
from walletpass.cli import cli
from walletpass.errors import CertificateError

SHIPPED = Path(config.__file__).parents[1] / "pass_templates"
WWDR = "Apple Worldwide Developer Relations Certification Authority"


@pytest.fixture
def maker(tmp_path, chain):
    return Maker(tmp_path, chain)


@pytest.fixture
def by_apple(certs, chain):
    """Luna's certificate, issued by an intermediate that bears Apple's name."""
    wwdr = chain.authority(WWDR, "G4", chain.root)
    (certs / "pass.pem").write_bytes(chain.pem(wwdr.leaf(chain.subject(), chain.key, extensions=(marker(),))))
    (certs / "wwdr.pem").write_bytes(chain.pem(wwdr.certificate))


@pytest.mark.parametrize("palette", ["luna", "sova"])
def test_a_pass_of_the_shipped_design_has_only_the_advice_about_the_root(settings, luna, card, by_apple, chain, palette):
    config.use(replace(settings, designs_dir=str(SHIPPED)))
    with database.transaction() as session:
        program = programs.get(session, "luna")
        program.design, program.palette = "bistro", palette
        session.add(program)
    with database.reading() as session:
        program = programs.get(session, "luna")
        data = apple.build(cards.face(session, cards.get(session, "luna", card.id), program), identity_of(program))
    assert rules(inspection.inspect(data)) == ["chain-not-checked"]
    assert rules(inspection.inspect(data, trusted_roots=[chain.root.certificate])) == []
    inspection.must_open(data)


def test_must_open_raises_the_first_refusal_and_does_not_ask_for_apple(maker):
    inspection.must_open(maker.make())
    inspection.must_open(maker.make(maker.content(voided=True, webServiceURL="http://127.0.0.1:8000/apple")))
    with pytest.raises(CertificateError, match=r"Wallet would not open this pass\. .*labelColor has to look like rgb"):
        inspection.must_open(maker.make(maker.content(labelColor="white", voided=True)))


def fetch(program, card):
    with database.reading() as session:
        return apple.pass_of(session, cards.get(session, program.id, card.id), program)


def test_a_design_wallet_would_not_open_is_not_handed_out(luna, card, certs, client, monkeypatch):
    broken = apple.pass_json.pass_dict
    monkeypatch.setattr("walletpass.apple.pass_json.pass_dict", lambda face: {**broken(face), "locations": [{"latitude": 1000}]})
    monkeypatch.setattr("walletpass.apple.pass_json._templates", {})
    monkeypatch.setattr("walletpass.apple.passes._sound", type(apple.passes._sound)())
    with pytest.raises(CertificateError, match="locations"):
        fetch(luna, card)
    response = client.get(f"/c/luna/{card.link}/card.pkpass")
    assert response.status_code == 503
    assert "locations[0].latitude is the number 1000" in response.get_json()["error"]["message"]


def test_a_kind_of_card_is_inspected_once(luna, issue, certs, show, monkeypatch):
    calls = []
    monkeypatch.setattr("walletpass.apple.passes.inspection.must_open", calls.append)
    monkeypatch.setattr("walletpass.apple.passes._sound", type(apple.passes._sound)())
    ana, boris = issue("Ana"), issue("Boris")
    fetch(luna, ana)
    fetch(luna, boris)
    show(ana, points=7)
    fetch(luna, ana)
    assert len(calls) == 1


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.delenv("WALLETPASS_SECRET_KEYS", raising=False)

    def call(*arguments, stdin=None):
        return CliRunner().invoke(cli, ["passes", "check", "--certs-dir", str(tmp_path / "nowhere"), *map(str, arguments)], input=stdin)

    return call


def test_the_command_groups_what_it_finds_and_says_1_for_a_refusal(run, maker, tmp_path):
    (tmp_path / "a.pkpass").write_bytes(maker.make(maker.content(labelColor="white", voided=True, backgroundColour="x")))
    done = run("--root", tmp_path / "root.pem", tmp_path / "a.pkpass")
    assert isinstance(done.exception, Exception)  # there is no such root
    (tmp_path / "root.pem").write_bytes(maker.chain.pem(maker.root))
    done = run("--root", tmp_path / "root.pem", tmp_path / "a.pkpass")
    assert done.exit_code == 1
    lines = [line.strip() for line in done.output.splitlines()]
    assert lines[0].endswith("a.pkpass: will not open")
    assert [lines[1], lines[3], lines[5]] == ["Wallet does not open it:", "It opens, but Wallet ignores:", "Worth knowing:"]
    assert lines[2].endswith("not 'white'. [colour-not-rgb]")


def test_the_command_reads_standard_input_and_prints_json(run, maker, tmp_path):
    (tmp_path / "root.pem").write_bytes(maker.chain.pem(maker.root))
    done = run("--json", "--root", tmp_path / "root.pem", "-", stdin=maker.make())
    assert (done.exit_code, json.loads(done.output)) == (0, [{"file": "<stdin>", "opens": True, "findings": []}])
    bundle = zipped({"a.pkpass": maker.make(), "b.pkpass": b"<html>"})
    done = run("--json", "--root", tmp_path / "root.pem", "-", stdin=bundle)
    said = json.loads(done.output)[0]
    assert (done.exit_code, said["opens"]) == (1, False)
    assert [inside["opens"] for inside in said["passes"]] == [True, False]
    assert said["passes"][1]["findings"][0]["rule"] == "file-is-web-page"


def test_the_command_needs_no_settings_and_no_database(maker, tmp_path):
    (tmp_path / "a.pkpass").write_bytes(maker.make()[:-30])
    command = [sys.executable, "-m", "walletpass", "passes", "check", "a.pkpass"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(config.__file__).parents[1])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "[zip-cut-off]" in done.stdout
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.sqlite"))


def slugs():
    folder = Path(inspection.__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    return set(re.findall(r'\b(?:refused|ignored|advice)\(\s*"([a-z0-9-]+)"', text))


def test_every_rule_has_a_broken_pass_in_these_tests():
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_inspection_*.py"))
    assert len(slugs()) > 100
    assert [slug for slug in sorted(slugs()) if f'"{slug}"' not in tests] == []


def test_a_rule_has_one_severity():
    folder = Path(inspection.__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    pairs = set(re.findall(r'\b(refused|ignored|advice)\(\s*"([a-z0-9-]+)"', text))
    assert len(pairs) == len(slugs())
