"""serial.serialutil: where pyserial itself has its errors."""
from __future__ import absolute_import, division, print_function

from serial import *  # noqa: F401, F403
