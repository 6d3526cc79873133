"""The doctor against vendors on this machine: each ailment is found, told in a sentence and given a remedy."""

import json
import os
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.fault_server import FaultServer, NoAnswer, Reply, Status
from tradesim import cli
from tradesim.kernel.clock import WallClock
from tradesim.model.findings import Finding, Grade
from tradesim.ops import doctor
from tradesim.providers import checkup
from tradesim.providers.checkup import checked
from tradesim.providers.vendors import Vendors

KEY = "c9f0f895fb98ab9159f51fd0297e236d"
QUOTE = {"c": 101.5, "d": 1, "dp": 1, "h": 102, "l": 100, "o": 100, "pc": 100.5, "t": 1_721_037_599}


def dated(ahead_s: float = 0.0) -> dict[str, str]:
    return {"Date": formatdate(time.time() + ahead_s, usegmt=True)}


class Keys:
    def __init__(self, **keys: str) -> None:
        self.keys = keys

    def get(self, name: str) -> str:
        return self.keys.get(name, "")

    def held(self, name: str) -> str:
        return "environment" if name in self.keys else ""


def finnhub(server: FaultServer, key: str = KEY, limit_s: float = 120.0) -> dict[str, Finding]:
    vendors = Vendors(WallClock(), Keys(FINNHUB_API_KEY=key), urls={"finnhub": (server.http_url, server.ws_url)})
    found = checked(vendors, WallClock(), ["finnhub"], limit_s)
    assert all(key not in f"{each}" for each in found if key)
    return {each.check: each for each in found}


def test_a_provider_that_is_well_is_told_line_by_line():
    with FaultServer() as server:
        server.answers("/api/v1/quote", lambda seen: Reply(QUOTE, headers=dated()))
        server.answers("/api/v1/stock/candle", Status(403, {"error": "You don't have access to this resource."}))
        found = finnhub(server)
    assert found["keys"].grade is Grade.OK and "environment" in found["keys"].found
    assert found["reach of REST"].grade is Grade.OK and found["reach of stream"].grade is Grade.OK
    assert found["quote"].grade is Grade.OK and "AAPL in" in found["quote"].found
    assert found["bars_daily"].grade is Grade.WARN and "plan" in found["bars_daily"].remedy
    assert found["entitlements"].found == "not to be had: book: Finnhub has no order book"
    assert found["clock"].grade is Grade.OK
    assert "left this minute" in found["limits"].found


def test_what_of_a_vendor_is_not_listened_to_is_told_with_the_reason():
    with FaultServer() as server:
        server.answers("*", Status(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}))
        urls = {"polygon": (server.http_url, server.ws_url)}
        vendors = Vendors(WallClock(), Keys(POLYGON_API_KEY="k" * 32), urls=urls)
        told = next(each for each in checked(vendors, WallClock(), ["polygon"], 120.0) if each.check == "entitlements")
    assert "its crypto socket is not listened to: no session of it was ever recorded" in told.found


def test_a_wrong_key_is_told_once():
    with FaultServer() as server:
        server.answers("*", Status(401, {"error": "Invalid API key"}))
        found = finnhub(server)
    assert (found["quote"].grade, found["quote"].remedy) == (Grade.FAIL, "enter the key again under Market data, Keys")
    assert found["quote"].found == "Finnhub does not know the key: Invalid API key"
    assert found["entitlements"].found == "not to be had: book: Finnhub has no order book"


def test_a_missing_key_ends_the_matter_with_where_to_put_it():
    with FaultServer() as server:
        found = finnhub(server, key="")
        assert server.seen == []
    assert list(found) == ["keys"]
    assert found["keys"].grade is Grade.WARN and "FINNHUB_API_KEY" in found["keys"].remedy


def test_a_key_of_an_odd_form_is_named_without_being_shown():
    with FaultServer() as server:
        server.answers("*", Status(401, {"error": "Invalid API key"}))
        found = finnhub(server, key="My Key!With?Signs")
    assert found["keys"].grade is Grade.WARN and "17 characters" in found["keys"].found
    assert found["quote"].grade is Grade.FAIL and "key again" in found["quote"].remedy


@pytest.mark.parametrize(("ahead_s", "grade", "word"), [(10, Grade.WARN, "behind"), (-60, Grade.FAIL, "ahead of")])
def test_a_clock_that_is_off_is_measured_by_the_date_of_an_answer(ahead_s, grade, word):
    with FaultServer() as server:
        server.answers("*", lambda seen: Reply(QUOTE, headers=dated(ahead_s)))
        found = finnhub(server)
    assert found["clock"].grade is grade and word in found["clock"].found and "NTP" in found["clock"].remedy


def test_a_vendor_that_does_not_answer_is_left_after_the_limit(monkeypatch):
    monkeypatch.setattr(checkup, "CHECK_S", 0.3)
    with FaultServer() as server:
        server.answers("*", NoAnswer())
        found = finnhub(server)
    assert found["quote"].grade is Grade.FAIL and "within 0.3 s" in found["quote"].found


def test_all_checks_of_a_provider_together_are_bounded_too():
    with FaultServer() as server:
        server.answers("*", NoAnswer())
        found = finnhub(server, limit_s=1.0)
    assert found["time"].grade is Grade.FAIL and found["keys"].grade is Grade.OK


def test_a_host_that_does_not_exist_and_one_that_refuses_are_told_apart():
    with pytest.raises(checkup.Unreached, match="DNS"):
        checkup.reached("https://no-such-host.invalid/")
    with pytest.raises(checkup.Unreached, match="no connection"):
        checkup.reached("http://127.0.0.1:9/")


def test_a_host_without_trust_is_told():
    with FaultServer() as server, pytest.raises(checkup.Unreached) as unreached:
        checkup.reached(server.http_url.replace("http:", "https:"))
    assert "trusted" in str(unreached.value) or "no connection" in str(unreached.value)


def test_used_up_limits_are_told_with_the_wait():
    with FaultServer() as server:
        server.answers("*", Status(429, {"error": "API limit reached."}, Retry_After="60"))
        found = finnhub(server)
    assert found["quote"].grade is Grade.WARN and "wait" in found["quote"].remedy
    assert found["limits"].grade is Grade.WARN


# --- the house, and the verb


def test_the_house_tells_of_folder_space_and_port(tmp_path: Path):
    found = {each.check: each for each in doctor.house_findings(tmp_path, False, "127.0.0.1", 0)}
    assert {each.grade for each in found.values()} <= {Grade.OK, Grade.WARN}
    assert set(found) == {"data folder", "space", "port"}


def test_a_disk_without_room_fails(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 50 * 2**20}))
    assert doctor.space(tmp_path).grade is Grade.FAIL


def test_a_port_that_is_taken_fails_with_another_number_to_set():
    with FaultServer() as server:
        finding = doctor.port_finding(False, "127.0.0.1", int(server.http_url.rsplit(":", 1)[1]))
    assert finding.grade is Grade.FAIL and "PORT" in finding.remedy


def test_text_json_and_exit_code_agree():
    findings = [Finding("kraken", "quote", Grade.OK, "fine"), Finding("house", "port", Grade.FAIL, "taken", "move")]
    text = doctor.as_text(findings)
    assert "-> move" in text and text.endswith("the desk cannot work until what failed above is mended.")
    assert json.loads(doctor.as_json(findings))[1]["grade"] == "fail"
    assert doctor.exit_code(findings) == 1 and doctor.exit_code(findings[:1]) == 0


ROOM = Finding("house", "space", Grade.OK, "68.9 GiB are free")
KEYLESS = [
    Finding(of, "keys", Grade.WARN, f"FINNHUB_API_KEY is not set, so {of} is not used", "enter it") for of in "ab"
]


def asked(of: str, grade: Grade = Grade.OK, found: str = "a.example:443") -> list[Finding]:
    keys = Finding(of, "keys", Grade.OK, "no key is needed")
    return [keys, *(Finding(of, f"reach of {each}", grade, found, "look") for each in ("REST", "stream"))]


def test_without_a_network_it_is_the_network_that_is_told_of_once():
    nowhere = "the address of a.example could not be found (DNS)"
    findings = doctor.gathered([ROOM, *asked("kraken", Grade.FAIL, nowhere), *asked("binance", Grade.FAIL, nowhere)])
    text = doctor.as_text([*findings, *KEYLESS])
    assert text.count("DNS") == 2 and text.count("FAIL") == 1
    assert "none of the 2 providers that were tried can be reached: no name was found (DNS)" in text
    assert "Not asked, for want of a network\n  kraken and binance" in text
    assert "  a, b: FINNHUB_API_KEY is not set\n" in text
    assert text.splitlines()[-1] == (
        "Verdict: the simulated market (tradesim) and replays (tradesim replay FILE) work; live prices do not, because "
        "there is no network."
    )
    assert doctor.exit_code(findings) == 3


def test_one_provider_that_fails_is_not_the_network():
    findings = doctor.gathered([ROOM, *asked("kraken"), *asked("binance", Grade.FAIL, "no connection")])
    assert [each.check for each in findings].count("network") == 0
    assert doctor.as_text(findings).endswith("live prices come from kraken, not from binance.")
    assert doctor.exit_code(findings) == 3


def test_when_all_is_well_it_says_so():
    findings = doctor.gathered([ROOM, *asked("kraken"), *asked("coinbase"), *asked("binance"), *KEYLESS])
    said = doctor.as_text(findings)
    assert said.splitlines()[-1].startswith("Verdict: all is well;")
    assert said.endswith("live prices come from kraken, coinbase and binance.")
    assert doctor.exit_code(findings) == 0
    assert "\x1b[32mok  \x1b[0m" in doctor.as_text(findings, is_colored=True)


def test_the_verb_answers_in_json(tmp_path: Path, monkeypatch, capsys):
    with FaultServer() as server:
        server.answers("*", Reply(QUOTE))
        monkeypatch.setenv("TRADESIM_DATA", str(tmp_path))
        monkeypatch.setenv("FINNHUB_API_KEY", KEY)
        monkeypatch.setenv("TRADESIM_PROVIDER_URLS", f"finnhub={server.http_url} {server.ws_url}")
        monkeypatch.setenv("PORT", "0")
        code = cli.main(["doctor", "finnhub", "--json"])
    out = capsys.readouterr().out
    found = json.loads(out)
    assert {each["of"] for each in found} == {"house", "finnhub"} and code in (0, 3)
    assert KEY not in out


@pytest.mark.parametrize("words", [["doctor", "kraaken"], ["record", "kraaken", "--out", "out.traffic.gz"]])
def test_a_provider_that_does_not_exist_is_refused_before_anything_is_read_or_made(words, tmp_path: Path):
    folder = tmp_path / "data"
    program = f"""
import sys
from tradesim import cli
code = cli.main({words!r})
print(code, "tradesim.bootstrap" in sys.modules)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "TRADESIM_DATA": str(folder)},
    )
    assert ended.stdout.split() == ["1", "False"]
    assert ended.stderr.startswith("tradesim: wanted one of the providers kraken, coinbase")
    assert ended.stderr.rstrip().endswith("was 'kraaken'") and not folder.exists()
