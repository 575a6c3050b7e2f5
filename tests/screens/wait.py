"""Waiting for something, with an end."""

import time


def until(what, check, seconds=30.0, every=0.1):
    """What `check` gives once that is true; an error with `what` when it never is."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(every)
