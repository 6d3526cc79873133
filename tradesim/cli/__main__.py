"""`python -m tradesim.cli`."""

import sys

from tradesim.cli import main

sys.exit(main())
