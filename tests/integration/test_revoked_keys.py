"""A key that is revoked opens nothing any more, and what it opened is shut."""

import json
from contextlib import closing

import pytest
import requests
import websocket

from tests.alpaca_stage import HEADERS, KEY, SECRET, OneKey, running
from tests.conformance.house import still_house
from tests.waiting import eventually


@pytest.fixture
def house():
    with still_house() as served:
        yield served


def close_code(socket):
    while True:
        opcode, data = socket.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return int.from_bytes(data[:2])


def test_the_stream_of_trade_updates_is_shut_for_a_revoked_key(house):
    headers = {"APCA-API-KEY-ID": house.api_key, "APCA-API-SECRET-KEY": house.secret}
    with (
        closing(websocket.create_connection(house.stream_url, timeout=60)) as said,
        closing(websocket.create_connection(house.stream_url, timeout=60, header=headers)) as shown,
    ):
        said.send(json.dumps({"action": "auth", "key": house.api_key, "secret": house.secret}))
        assert json.loads(said.recv())["data"]["status"] == "authorized"
        for socket in (said, shown):
            socket.send(json.dumps({"action": "listen", "data": {"streams": ["trade_updates"]}}))
        assert json.loads(shown.recv())["stream"] == "listening"
        house.keys.revoke(house.api_key)
        assert (close_code(said), close_code(shown)) == (1008, 1008)


def test_server_sent_events_end_for_a_revoked_key(house):
    url = f"{house.url}/v2/events/trades"
    with requests.get(url, headers={"Authorization": f"Bearer {house.secret}"}, stream=True, timeout=60) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b": welcome"
        house.keys.revoke(house.api_key)
        assert [line for line in lines if line] == []
    eventually(lambda: not house.seats._taken.total())


def test_a_wrong_key_beside_a_good_one_does_not_keep_it(house):
    other, secret = house.key_for("Second")
    headers = {"APCA-API-KEY-ID": other, "APCA-API-SECRET-KEY": secret}
    url = f"{house.url}/v2/events/trades"
    with requests.get(url, auth=("any", "thing"), headers=headers, stream=True, timeout=60) as answer:
        lines = answer.iter_lines()
        assert next(lines) == b": welcome"
        house.keys.revoke(other)
        assert [line for line in lines if line] == []


@pytest.mark.parametrize("shown", [HEADERS, None], ids=["in its headers", "in a message"])
def test_a_data_stream_is_shut_for_a_revoked_key(shown, monkeypatch):
    kept = [True]
    monkeypatch.setattr(OneKey, "watch", lambda _self, secret: lambda: secret == SECRET and kept[0])
    with (
        running() as served,
        closing(websocket.create_connection(served.ws + "/v2/iex", timeout=60, header=shown)) as ws,
    ):
        if not shown:
            ws.send(json.dumps({"action": "auth", "key": KEY, "secret": SECRET}))
        assert [json.loads(ws.recv())[0]["msg"] for _ in "two"[:2]] == ["connected", "authenticated"]
        kept[0] = False
        assert close_code(ws) == 1008
