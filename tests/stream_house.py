"""A threaded server on 127.0.0.1 with the stream in it and a fake desk behind it."""

import threading
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.fake_desk import FakeDesk
from tests.page import Page
from tradesim.api.socket import register
from tradesim.stream.hub import Hub


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


class House:
    def __init__(self, sockets=64, origins=()):
        self.desk = FakeDesk("AAPL", "MSFT")
        self.hub = Hub(self.desk, sockets, epoch="run-1")
        app = Flask(__name__)
        register(app, self.hub, origins)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.port = self.server.server_port
        self.pages = []
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def page(self, *topics, **how):
        page = Page(self.port, **how)
        self.pages.append(page)
        if topics:
            page.say(op="subscribe", topics=topics)
            page.hear(lambda page: {message["t"] for message in page.messages} >= set(topics))
        return page

    def close(self):
        for page in self.pages:
            page.end()
        self.hub.stop()
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def opened(**how):
    house = House(**how)
    try:
        yield house
    finally:
        house.close()
