"""Simulated serial: ports that take everything and give nothing, so that a script never reaches a device."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT

EIGHTBITS, PARITY_NONE, STOPBITS_ONE = 8, 'N', 1


class SerialException(IOError):
    """A port that cannot be used: never raised here."""


SerialTimeoutException = SerialException


class Serial(Accepting):
    """A port."""

    def __init__(self, port=None, baudrate=9600, *arguments, **keywords):
        self.port, self.baudrate, self.is_open, self.timeout = port, baudrate, port is not None, keywords.get('timeout')
        self.in_waiting = 0
        REPORT.touch('serial', str(port), 'serial port')

    name = property(lambda self: self.port)

    def write(self, data):
        REPORT.touch('serial', str(self.port), 'serial port')
        return len(data)

    def read(self, size=1):
        return b''

    def readline(self, *arguments):
        return b''

    def readlines(self, *arguments):
        return []

    def inWaiting(self):
        return 0

    def isOpen(self):
        return self.is_open

    def open(self):
        self.is_open = True

    def close(self):
        self.is_open = False

    def _nothing(self, *arguments):
        """Nothing is waiting anywhere."""

    flush = flushInput = flushOutput = reset_input_buffer = reset_output_buffer = setDTR = setRTS = _nothing

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
