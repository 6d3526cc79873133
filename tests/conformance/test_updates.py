"""Trade updates by alpaca-py's TradingStream, a bare WebSocket and server-sent events: 58-60 and 75 of the list."""

import asyncio
import json
import threading
from contextlib import contextmanager
from decimal import Decimal

import msgspec
import pytest
import requests
import websocket
from alpaca.trading.requests import ReplaceOrderRequest
from alpaca.trading.stream import TradingStream

from tests.conformance.house import still_house
from tests.conformance.orders import FOK, IOC, SELL, limit, market
from tests.waiting import eventually
from tradesim.model.market import Side

FIELDS = {"event", "execution_id", "order", "timestamp", "at", "event_id", "price", "qty", "position_qty"}


@contextmanager
def following(house, key=None, secret=None, raw=False):
    """What alpaca-py's own stream hears, in a list."""
    heard = []
    stream = TradingStream(key or house.api_key, secret or house.secret, url_override=house.stream_url, raw_data=raw)

    async def on_update(update):
        heard.append(update["data"] if raw else update)

    stream.subscribe_trade_updates(on_update)
    before = sum(len(each) for each in house.facade.updates._listeners.values())
    thread = threading.Thread(target=lambda: asyncio.run(stream._run_forever()), daemon=True)
    thread.start()
    eventually(lambda: sum(len(each) for each in house.facade.updates._listeners.values()) > before)
    try:
        yield heard
    finally:
        stream._loop.call_soon_threadsafe(lambda: asyncio.ensure_future(stream.close()))
        stream._should_run = False


def say(socket, **message):
    socket.send(json.dumps(message))


def heard(socket):
    opcode, data = socket.recv_data()
    return opcode, json.loads(data)


def opened(house, url_ending="", streams=("trade_updates",), **more):
    socket = websocket.create_connection(house.stream_url + url_ending, timeout=60, **more)
    say(socket, action="authenticate", data={"key_id": house.api_key, "secret_key": house.secret})
    heard(socket)
    say(socket, action="listen", data={"streams": list(streams)})
    heard(socket)
    return socket


@pytest.mark.parametrize("ending", ["", "/"])
def test_key_and_listening_are_acknowledged_in_binary_frames(house, ending):
    """58"""
    socket = websocket.create_connection(house.stream_url + ending, timeout=60)
    say(socket, action="listen", data={"streams": ["trade_updates"]})
    refused = {"stream": "authorization", "data": {"status": "unauthorized", "action": "listen"}}
    assert heard(socket) == (2, refused)
    say(socket, action="authenticate", data={"key_id": "PKNOBODY", "secret_key": "x"})
    assert heard(socket)[1]["data"] == {"status": "unauthorized", "action": "authenticate"}
    say(socket, action="auth", key=house.api_key, secret=house.secret)
    assert heard(socket)[1]["data"] == {"status": "authorized", "action": "authenticate"}
    say(socket, action="listen", data={"streams": ["trade_updates"]})
    assert heard(socket) == (2, {"stream": "listening", "data": {"streams": ["trade_updates"]}})
    say(socket, action="listen", data={"streams": []})
    assert heard(socket)[1]["data"] == {"streams": []}
    say(socket, action="dance")
    assert heard(socket)[1]["action"] == "error"
    socket.send("garbage")
    assert heard(socket)[1]["data"]["error_message"]
    socket.ping(b"are you there")
    assert socket.recv_data(control_frame=True)[0] == 10
    socket.close()


def test_a_stream_with_a_bad_key_does_not_listen(house):
    """58"""
    stream = TradingStream(house.api_key, "wrong", url_override=house.stream_url)

    async def attempt():
        await stream._connect()
        with pytest.raises(ValueError, match="failed to authenticate"):
            await stream._auth()
        await stream.close()

    asyncio.run(attempt())


def test_text_and_messagepack_are_spoken_too(house):
    client = house.trading()
    text, packed = opened(house, "?frames=text"), opened_packed(house)
    client.submit_order(market(1))
    opcode, message = heard(text)
    assert (opcode, message["data"]["event"]) == (1, "pending_new")
    opcode, data = packed.recv_data()
    assert (opcode, msgspec.msgpack.decode(data)["data"]["event"]) == (2, "pending_new")


def opened_packed(house):
    socket = websocket.create_connection(house.stream_url, timeout=60, header={"Content-Type": "application/msgpack"})
    for message in (
        {"action": "authenticate", "data": {"key_id": house.api_key, "secret_key": house.secret}},
        {"action": "listen", "data": {"streams": ["trade_updates"]}},
    ):
        socket.send_binary(msgspec.msgpack.encode(message))
        socket.recv_data()
    return socket


def words(updates):
    return [str(getattr(event, "value", event)) for event in (update.event for update in updates)]


def test_every_step_of_an_order_is_told_in_order_with_its_own_figures(house):
    """59"""
    client = house.trading()
    with following(house) as updates:
        order = client.submit_order(limit(250, 230.5))
        eventually(lambda: len(updates) == 5)
    assert words(updates) == ["pending_new", "new", "partial_fill", "partial_fill", "fill"]
    assert [(update.qty, update.price, update.position_qty) for update in updates[2:]] == [
        (100, 230.01, 100),
        (100, 230.02, 200),
        (50, 230.03, 250),
    ]
    assert [update.order.filled_qty for update in updates] == ["0", "0", "100", "200", "250"]
    assert [update.order.status.value for update in updates[:2]] == ["pending_new", "new"]
    assert {update.order.id for update in updates} == {order.id}
    assert updates[0].qty is None and updates[0].execution_id is not None
    assert sum(update.qty for update in updates[2:]) == float(updates[-1].order.filled_qty)


def test_shorts_have_negative_positions_and_cancels_are_told(house):
    """59"""
    client = house.trading()
    with following(house, raw=True) as updates:
        client.submit_order(market(10, SELL))
        resting = client.submit_order(limit(5, 240, SELL))
        client.cancel_order_by_id(resting.id)
        client.submit_order(limit(150, 229.99, SELL, time_in_force=IOC))
        client.submit_order(limit(10, 229, time_in_force=FOK))
        eventually(lambda: len(updates) >= 14)
    assert [update["event"] for update in updates] == [
        "pending_new",
        "new",
        "fill",
        "pending_new",
        "new",
        "pending_cancel",
        "canceled",
        "pending_new",
        "new",
        "partial_fill",
        "canceled",
        "pending_new",
        "new",
        "canceled",
    ]
    assert updates[2]["position_qty"] == "-10" and updates[2]["qty"] == "10" and updates[2]["price"] == "229.99"
    assert set(updates[2]) == FIELDS
    assert "price" not in updates[0] and "price" not in updates[1]
    assert [update["event_id"] for update in updates] == sorted(update["event_id"] for update in updates)
    assert updates[5]["order"]["status"] == "pending_cancel"


def test_a_replacement_is_told_for_both_names():
    """38 59"""
    with still_house(latency_ms=5) as house:
        client = house.trading()
        with following(house, raw=True) as updates:
            order = client.submit_order(limit(10, 229))
            house.pass_ms(6)
            changed = client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=229.5))
            house.pass_ms(6)
            eventually(lambda: len(updates) == 6)
    names = {str(order.id): "old", str(changed.id): "new"}
    assert [(update["event"], names[update["order"]["id"]]) for update in updates] == [
        ("pending_new", "old"),
        ("new", "old"),
        ("pending_replace", "old"),
        ("pending_new", "new"),
        ("replaced", "old"),
        ("new", "new"),
    ]
    assert updates[4]["order"]["replaced_by"] == str(changed.id)
    assert updates[5]["order"]["replaces"] == str(order.id)


def test_a_replacement_that_comes_too_late_is_told():
    """39"""
    with still_house(latency_ms=5) as house:
        client = house.trading()
        with following(house, raw=True) as updates:
            order = client.submit_order(limit(10, 229.99))
            house.pass_ms(6)
            wished = client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=229.5))
            house.agent(Side.SELL, 22_999, 200)
            house.pass_ms(6)
            eventually(lambda: "rejected" in [update["event"] for update in updates])
    late = [update for update in updates if update["event"] == "rejected"]
    assert [update["order"]["id"] for update in late] == [str(wished.id)]


def test_two_listeners_hear_the_same_and_a_third_account_nothing(house):
    """60"""
    client = house.trading()
    key, secret = house.key_for("Other")
    house.trading(key, secret).get_account()
    with following(house, raw=True) as one, following(house, raw=True) as two, following(house, key, secret) as other:
        client.submit_order(market(3))
        eventually(lambda: len(one) == 3 and len(two) == 3)
        assert one == two and other == []


def test_who_reconnects_hears_again_and_rest_has_what_was_missed(house):
    """60 78"""
    client = house.trading()
    first = opened(house)
    resting = client.submit_order(limit(150, 230.01))
    assert heard(first)[1]["data"]["event"] == "pending_new"
    first.sock.close()
    house.agent(Side.SELL, 23_001, 20)
    second = opened(house)
    house.agent(Side.SELL, 23_001, 30)
    update = heard(second)[1]["data"]
    assert (update["event"], update["qty"], update["order"]["filled_qty"]) == ("fill", "30", "150")
    fills = client.get("/account/activities/FILL")
    assert sum(Decimal(each["qty"]) for each in fills if each["order_id"] == str(resting.id)) == 150
    assert client.get_open_position("AAPL").qty == "150"


def test_server_sent_events_have_the_lines_that_go_programs_read(house):
    """75"""
    client = house.trading()
    order = client.submit_order(market(3))
    with requests.get(
        f"{house.url}/v2/events/trades?since=2026-01-01T00:00:00Z",
        auth=(house.api_key, house.secret),
        stream=True,
        timeout=60,
    ) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        told = []
        while len(told) < 3:
            line = next(lines).decode()
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
    assert [each["event"] for each in told] == ["pending_new", "new", "fill"]
    assert set(told[2]) == FIELDS
    assert told[1]["order"]["id"] == str(order.id) and len(told[1]["event_id"]) == 26
