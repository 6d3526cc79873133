"""What starts the desk: `python app.py` on your machine, `gunicorn app:server` on a platform.

`server` is the Flask application; importing it opens the data folder and starts the market.
"""

import os
import sys

if __name__ == "__main__":
    from tradesim.entrance import main

    sys.exit(main())

from tradesim import bootstrap
from tradesim.kernel.errors import Refused
from tradesim.settings import Settings

APP_LOAD_ERROR = 4
"""The exit code that tells gunicorn not to try again."""

try:
    server = bootstrap.open_house(Settings.from_env(os.environ))
except Refused as refused:
    sys.stderr.write(f"tradesim: {refused}\n")
    sys.exit(APP_LOAD_ERROR)
