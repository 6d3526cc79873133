"""What a client would be answered that shows a key: asked of this server itself, without the network."""

from flask import Flask

ADDRESS = "/v2/account"


def answer(server: Flask, key: str, secret: str) -> tuple[int, str]:
    """Status and body of `GET /v2/account`. The request counts like any other of that key."""
    headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
    reply = server.test_client(use_cookies=False).get(ADDRESS, headers=headers)
    return reply.status_code, reply.get_data(as_text=True)
