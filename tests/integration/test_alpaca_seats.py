"""Programs that stay take seats, so that they never take the threads that answer everybody else."""

import json
from contextlib import closing

import pytest
import requests
import websocket

from tests.conformance.house import still_house
from tests.waiting import eventually


@pytest.fixture
def house():
    with still_house() as served:
        served.seats.count, served.seats.most_each = 4, 3
        yield served


def connected(house, *key):
    headers = {"APCA-API-KEY-ID": key[0], "APCA-API-SECRET-KEY": key[1]} if key else None
    return closing(websocket.create_connection(house.stream_url, timeout=60, header=headers))


def events(house, *key):
    return requests.get(
        f"{house.url}/v2/events/trades", auth=key or (house.api_key, house.secret), stream=True, timeout=60
    )


def close_code(socket):
    opcode, data = socket.recv_data()
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    return int.from_bytes(data[:2])


def test_strangers_leave_a_seat_for_who_has_a_key(house):
    with connected(house), connected(house), connected(house):
        eventually(lambda: not house.seats.has_room(False))
        with pytest.raises(websocket.WebSocketBadStatusException) as refused, connected(house):
            pass
        assert refused.value.status_code == 503 and refused.value.resp_headers["retry-after"] == "5"
        with connected(house, house.api_key, house.secret):
            answer = events(house)
            assert answer.status_code == 503 and answer.json()["message"] == "all sockets are taken"
    eventually(lambda: house.seats.has_room(False))


def test_one_account_leaves_a_seat_for_another(house):
    with events(house) as one, events(house) as two, connected(house) as third, connected(house) as fourth:
        assert (one.status_code, two.status_code) == (200, 200)
        knock = json.dumps({"action": "auth", "key": house.api_key, "secret": house.secret})
        third.send(knock)
        assert json.loads(third.recv())["data"]["status"] == "authorized"
        fourth.send(knock)
        assert close_code(fourth) == 1013
        eventually(lambda: house.seats.has_room(False))
        with events(house, *house.key_for("Second")) as other:
            assert other.status_code == 200
    house.facade.stop()
    eventually(lambda: not house.seats._taken.total())
