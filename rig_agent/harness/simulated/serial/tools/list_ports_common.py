"""Where pyserial itself has it."""
from __future__ import absolute_import, division, print_function

from serial.tools.list_ports import ListPortInfo  # noqa: F401
