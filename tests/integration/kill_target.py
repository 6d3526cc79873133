"""Whole desks without their page, to be killed: `python -m tests.integration.kill_target`.

For each folder that is named on a line of its input a desk is begun there, in a process of its own; its process id and
port are printed, and when it has ended, its exit code. The modules are imported once. With DATABASE_URL their journal
is there, as with the real one.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tradesim import bootstrap
from tradesim.api.control import routes
from tradesim.desk.desk import Desk
from tradesim.kernel.clock import WallClock
from tradesim.settings import Settings
from tradesim.storage.cache import MarketCache
from tradesim.storage.datafolder import data_folder
from tradesim.storage.lock import InstanceLock


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def main(folder: Path) -> None:
    settings = replace(Settings(), data=data_folder(folder))
    lock = InstanceLock(folder)
    lock.acquire()
    clock = WallClock()
    markets = bootstrap.Markets(settings, folder, MarketCache(folder / "cache"))
    source = markets.simulated(clock.now())
    journal = bootstrap.journal_of(Settings.from_env(os.environ), folder)
    desk = Desk(markets, journal, bootstrap.rules(settings), clock, settings.seed, source)
    server = Flask("target")
    routes.register(server, desk, lambda: {"status": "ok"})
    desk.start()
    http = make_server("127.0.0.1", 0, server, threaded=True, request_handler=Quiet)
    print(os.getpid(), http.server_port, flush=True)
    http.serve_forever()


def nursery() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            main(Path(line.strip()))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    nursery()
