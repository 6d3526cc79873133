"""Programs, by hand: a key of the page trades until it is revoked; the example bot runs, is watched and stopped."""

import requests

OVER = ("filled", "canceled", "expired", "rejected")
OF_MSFT = "Object.values(ts.live.state.desk.orders).filter(({ symbol }) => symbol === 'MSFT')"


def made_pair(screen) -> tuple[str, str]:
    screen.wait_value("document.querySelectorAll('#keys-made-box dd code').length === 2", "the new key was shown")
    return tuple(screen.texts("#keys-made-box dd code"))


def test_a_key_is_made_used_and_revoked(desk, screen):
    screen.open(f"{desk.url}/?symbol=AAPL#keys")
    screen.wait_value("document.getElementById('keys-create') !== null", "the form stood there")
    screen.type("#keys-label", "journey")
    screen.click("#keys-create")
    pair = made_pair(screen)
    screen.wait_text("#keys-made-box", "this is the only time that it is shown")
    screen.wait_text("#keys-trial-said", "gets 200")
    assert "ACTIVE" in screen.text("#keys-trial-body")
    screen.click("#keys-tab-curl")
    screen.wait_text("#keys-snippet", f"curl -u {pair[0]}:{pair[1]} {desk.url}/v2/account")
    account = requests.get(f"{desk.url}/v2/account", auth=pair, timeout=60)
    assert account.status_code == 200

    low = f"{float(desk.get('book/AAPL')['bids'][0]['price']) - 2:.2f}"
    order = {"symbol": "AAPL", "qty": "7", "side": "buy", "type": "limit", "limit_price": low, "time_in_force": "gtc"}
    sent = requests.post(f"{desk.url}/v2/orders", json=order, auth=pair, timeout=60).json()
    screen.wait_value(f"Boolean(ts.live.state.desk.orders['{sent['id']}'])", "the page heard of the order")
    screen.js("window.tradesim.views.go('desk')")
    screen.click("#blotter-tab-orders")
    screen.until(lambda: screen.is_seen(f"#blotter-orders [row-id='{sent['id']}']"), "it stood in the blotter")
    requests.delete(f"{desk.url}/v2/orders/{sent['id']}", auth=pair, timeout=60)
    screen.wait_value(f"ts.live.state.desk.orders['{sent['id']}'].status === 'canceled'", "it was cancelled")

    screen.js("window.tradesim.views.go('keys')")
    screen.wait_text(f"[data-row={pair[0]}]", "journey")
    assert not stored(screen, pair[1]), "no secret in what the browser keeps"
    screen.click(f"[data-key={pair[0]}]")
    screen.answer("Revoke “journey”?", "Revoke")
    screen.wait_text("#keys-said", f"{pair[0]} opens nothing any more.")
    screen.until(lambda: not screen.is_seen("#keys-made-box"), "the box with the secret was gone")
    assert pair[1] not in screen.js("return document.documentElement.outerHTML")
    assert requests.get(f"{desk.url}/v2/account", auth=pair, timeout=60).status_code == 401


def stored(screen, secret: str) -> bool:
    kept = "JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage}) + location.href"
    return secret in screen.value(kept)


def test_the_example_bot_runs_is_watched_and_stopped(desk, screen):
    others = desk.get("orders")
    screen.open(f"{desk.url}/?symbol=AAPL#bots")
    example = "[data-example='market_maker.py']"
    screen.until(lambda: screen.is_seen(example), "the examples were offered")
    screen.click(example)
    screen.wait_text("#bots-said", "market_maker.py lies in the bots folder")
    screen.wait_value("document.querySelector('#bots-file').value.endsWith('market_maker.py')", "it was chosen")
    screen.type("#bots-arguments", "MSFT 50")
    screen.type("#bots-limit", "5")
    screen.click("#bots-start")
    screen.wait_text("#bots-said", "market_maker.py runs, in the account market_maker.")
    id_ = desk.get("bots")["bots"][0]["id"]
    row = f"[data-row='{id_}']"
    screen.wait_text(f"{row} [data-cell=state]", "running")
    screen.wait_text("#bots-log", "bids for 50 MSFT at ")
    screen.until(lambda: int(screen.text(f"{row} [data-cell=orders]") or 0) >= 1, "its orders were counted")
    assert screen.text(f"{row} [data-cell=left]").startswith(("2:", "3:", "4:", "5:"))
    assert screen.text(f"{row} [data-cell=account]") == "market_maker"
    assert {order["id"] for order in desk.get("orders")} <= {order["id"] for order in others}, "it has its own account"
    screen.until(lambda: screen.is_seen(f"{row} .bots-account-link"), "its account could be looked at")
    screen.click(f"{row} .bots-account-link")
    screen.wait_value("ts.live.state.desk.account.name === 'market_maker'", "the window showed its account")
    screen.wait_value(f"{OF_MSFT}.length > 0", "its orders stood there")

    screen.click("#bots-follow")
    screen.wait_text("#bots-follow", "Follow")
    screen.click("#bots-follow")
    screen.click(f"[data-act='stop-{id_}']")
    screen.answer("Stop market_maker.py?", "Stop it")
    screen.wait_text(f"{row} [data-cell=state]", "stopped")
    screen.wait_text("#bots-log", "ended, keeps ")
    over = ", ".join(f"'{status}'" for status in OVER)
    screen.wait_value(f"{OF_MSFT}.every(({{ status }}) => [{over}].includes(status))", "it left nothing working")
