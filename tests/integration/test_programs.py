"""The desk as a process, and what is started beside it: keys, a bot, and the routes of bots."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from tests.bench.desk_app import ROOT, desk_app
from tests.waiting import eventually

BOT = """
import json, os, sys, urllib.request
request = urllib.request.Request(os.environ["APCA_API_BASE_URL"] + "/v2/orders", method="POST")
request.add_header("APCA-API-KEY-ID", os.environ["APCA_API_KEY_ID"])
request.add_header("APCA-API-SECRET-KEY", os.environ["APCA_API_SECRET_KEY"])
order = {"symbol": "AAPL", "qty": 3, "side": "buy", "type": "market", "time_in_force": "day"}
print(json.load(urllib.request.urlopen(request, json.dumps(order).encode()))["symbol"], sys.argv[1:])
sys.exit(7)
"""


@pytest.fixture(scope="module")
def app():
    with desk_app() as running:
        yield running


def tradesim(app, *arguments, **more):
    environ = {**os.environ, "TRADESIM_DATA": str(app.folder), "PORT": str(app.port)}
    command = [sys.executable, "-m", "tradesim.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=180, **more)


def asked(app, path, key, secret, method="GET", body=None):
    request = urllib.request.Request(app.url + path, method=method, data=body)
    request.add_header("Authorization", "Basic " + b64encode(f"{key}:{secret}".encode()).decode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def test_a_key_is_made_used_and_revoked_while_the_desk_runs(app):
    made = tradesim(app, "keys", "create", "--account", "Robots", "--plain")
    assert made.returncode == 0
    key, secret = made.stdout.split()
    assert asked(app, "/v2/account", key, secret)["status"] == "ACTIVE"
    listed = tradesim(app, "keys", "list").stdout
    assert key in listed and "Robots" in listed and secret not in listed
    assert tradesim(app, "keys", "revoke", key).returncode == 0
    with pytest.raises(urllib.error.HTTPError, match="401"):
        asked(app, "/v2/account", key, secret)
    assert "there is no key" in tradesim(app, "keys", "revoke", key).stderr


def test_a_bot_trades_and_its_exit_code_is_the_commands(app, tmp_path):
    bot = tmp_path / "bot.py"
    bot.write_text(BOT)
    ended = tradesim(app, "run", "--time-limit", "120", str(bot), "--fast", "1")
    assert (ended.returncode, ended.stdout.strip()) == (7, "AAPL ['--fast', '1']"), ended.stderr
    shown = app.get("/sim/v1/bots")["bots"][0]
    assert (shown["name"], shown["state"], shown["exit_code"]) == ("bot.py", "ended", 7)
    assert app.get("/sim/v1/positions")[0]["position"]["qty"] == "3"


def test_a_bot_whose_packages_are_not_here_is_told_the_remedy(app, tmp_path):
    bot = tmp_path / "bot.py"
    bot.write_text("import a_package_of_nobody")
    ended = tradesim(app, "run", "--time-limit", "120", str(bot))
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1 and "Traceback" not in said
    assert "No module named 'a_package_of_nobody'" in said and "tradesim run --python PATH" in said


def test_a_bot_without_a_desk_is_refused_in_a_sentence(tmp_path):
    bot = tmp_path / "bot.py"
    bot.write_text("print(1)")
    environ = {**os.environ, "TRADESIM_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "tradesim.cli", "run", "--url", "http://127.0.0.1:9", str(bot)]
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "wanted a desk at http://127.0.0.1:9, found none" in ended.stderr


def test_bots_are_started_watched_and_stopped_by_the_api(app):
    shelf = Path(app.folder) / "bots"
    shelf.mkdir(exist_ok=True)
    (shelf / "sleeper.py").write_text("import time\nprint('awake', flush=True)\ntime.sleep(99)\n")

    def call(method, path, body=None):
        address = f"{app.url}/sim/v1/bots{path}"
        request = urllib.request.Request(address, method=method, data=body, headers=app.as_person)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()

    status, said = call("POST", "", json.dumps({"path": "sleeper.py", "time_limit_s": 120}).encode())
    id_ = json.loads(said)["id"]
    assert status == 201
    eventually(lambda: "awake" in call("GET", f"/{id_}/log")[1])
    assert call("GET", f"/{id_}/log")[1] == "awake"
    assert json.loads(call("DELETE", f"/{id_}")[1])["state"] in ("running", "stopped")
    assert tradesim(app, "person").stdout.strip() == next(iter(app.as_person.values()))
    for path in ("../../etc/passwd", "/etc/passwd"):
        with pytest.raises(urllib.error.HTTPError, match="422"):
            call("POST", "", json.dumps({"path": path}).encode())
