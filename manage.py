#!/usr/bin/env python3
"""Westum's commands: `python3 manage.py demo`, `python3 manage.py test`, and all of Django's.

This file is written so that any Python can read it: one that is too old looks for a newer one, or says what is
needed. Everything else is in westum/start.py.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NEWER = [os.path.join(HERE, ".venv", "bin", "python"), "python3.14", "python3.13", "python3.12"]


def is_new_enough(python):
    """Whether the program is there, really starts (a pyenv shim may not) and is Python 3.12 or newer."""
    try:
        with open(os.devnull, "w") as nowhere:
            probe = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]
            return subprocess.call(probe, stdout=nowhere, stderr=nowhere) == 0
    except OSError:
        return False


def main():
    if sys.version_info < (3, 12):
        for python in NEWER:
            if is_new_enough(python):
                os.execvp(python, [python, os.path.join(HERE, "manage.py")] + sys.argv[1:])
        sys.exit(
            "Westum needs Python 3.12 or newer, and this is Python %d.%d. Install a newer one, or use uv: "
            "uv run manage.py demo" % sys.version_info[:2]
        )
    from westum import start

    sys.exit(start.main(sys.argv))


if __name__ == "__main__":
    main()
