"""How gunicorn runs the desk: one process that owns the market, a thread behind each socket.

Used as `gunicorn --config python:tradesim.ops.gunicorn app:server`, and by `tradesim.ops.server`.
"""

import os

from tradesim.ops.server import check_certificate
from tradesim.ops.worker import options
from tradesim.settings import Settings

_settings = Settings.from_env(os.environ)

if _settings.certificate:
    check_certificate(_settings.certificate, _settings.certificate_key)
globals().update(
    options(_settings.host, _settings.port, _settings.threads, _settings.certificate, _settings.certificate_key)
)
