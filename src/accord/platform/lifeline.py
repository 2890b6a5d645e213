"""Runs a module as a child that ends when its supervisor does, however the supervisor ends.

`python -m accord.platform.lifeline FD MODULE ARGUMENTS...`: FD is the reading end of a pipe whose
writing end only the supervisor holds. When the supervisor is gone, even by `kill -9`, the pipe
closes, and this process asks itself to stop, then stops.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 5.0


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


def main(arguments: list[str]) -> None:
    """Watch the pipe in a thread and run the module in this one."""
    descriptor, module = int(arguments[0]), arguments[1]
    threading.Thread(target=_watch, args=(descriptor,), daemon=True).start()
    sys.argv = arguments[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
