"""What a program asks about is wanted for a while: its live market goes on listening to it between two questions."""

from collections.abc import Iterator

from flask import Flask, Response, request

from tradesim.api.alpaca.directory import Directory
from tradesim.desk.desk import Desk

NAMED_IN = ("symbol", "symbols", "symbol_or_asset_id")


def register(server: Flask, desk: Desk) -> None:
    directory = Directory(desk)

    @server.after_request
    def on_answer(response: Response) -> Response:
        if response.status_code == 200:
            meant = [found.symbol for name in names_asked() if (found := directory.find(name))]
            if meant:
                desk.providers.leases.renew(meant)
        return response


def names_asked() -> Iterator[str]:
    """As they stand in the address."""
    values = request.view_args or {}
    for field in NAMED_IN:
        for name in str(values.get(field) or request.args.get(field, "")).split(","):
            if name:
                yield name.strip()
