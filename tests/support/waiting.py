"""Waiting for something to become true; nothing in these tests sleeps for luck."""

import time


def wait_until(condition, timeout, what="the condition", pause=0.01):
    """Return condition()'s first true value; fail, saying `what`, after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        time.sleep(pause)
