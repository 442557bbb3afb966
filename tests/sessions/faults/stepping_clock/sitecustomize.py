"""A computer whose clock is set back an hour one second after the process started, then forward two hours."""
import time

_time, _begun = time.time, time.time()


def stepping():
    now = _time()
    return now - 3600 if now - _begun > 1 else now


time.time = stepping
