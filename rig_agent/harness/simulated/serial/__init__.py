"""Simulated serial: ports that take everything and give nothing, so that a script never reaches a device."""
from __future__ import absolute_import, division, print_function

from rig_simulation.clock import CLOCK
from rig_simulation.recorder import Accepting, waits_for_input
from rig_simulation.report import REPORT

__version__ = VERSION = '3.4'
FIVEBITS, SIXBITS, SEVENBITS, EIGHTBITS = 5, 6, 7, 8
PARITY_NONE, PARITY_EVEN, PARITY_ODD, PARITY_MARK, PARITY_SPACE = 'N', 'E', 'O', 'M', 'S'
STOPBITS_ONE, STOPBITS_ONE_POINT_FIVE, STOPBITS_TWO = 1, 1.5, 2
XON, XOFF, CR, LF = b'\x11', b'\x13', b'\r', b'\n'
FOR_EVER = 1.0  # seconds that a read without a time limit takes: on a rig it would go on until something comes


class SerialException(IOError):
    """A port that cannot be used: never raised here."""


class SerialTimeoutException(SerialException):
    """A write that takes too long: never raised here."""


class PortNotOpenError(SerialException):
    """A port that was closed: never raised here."""


portNotOpenError, writeTimeoutError = PortNotOpenError('Port not open'), SerialTimeoutException('Write timeout')


class Serial(Accepting):
    """A port."""

    def __init__(self, port=None, baudrate=9600, bytesize=EIGHTBITS, parity=PARITY_NONE, stopbits=STOPBITS_ONE,
                 timeout=None, *others, **keywords):
        self.port, self.baudrate, self.is_open, self.timeout = port, baudrate, port is not None, timeout
        self.bytesize, self.parity, self.stopbits = bytesize, parity, stopbits
        self.write_timeout = self.writeTimeout = keywords.get('write_timeout', keywords.get('writeTimeout'))
        self.xonxoff = self.rtscts = self.dsrdtr = False
        self.rts = self.dtr = True
        self.cts = self.dsr = self.ri = self.cd = False
        self.out_waiting = 0
        self.__dict__.update(keywords)
        if port is not None:
            self._touch()

    name = portstr = property(lambda self: self.port)

    def _touch(self):
        REPORT.touch('serial', str(self.port), 'serial port')

    @property
    def in_waiting(self):
        waits_for_input()
        return 0

    def inWaiting(self):
        return self.in_waiting

    def write(self, data):
        self._touch()
        return len(data)

    def _wait(self):
        """Nothing comes: a read takes as long as it may."""
        waits_for_input()
        seconds = FOR_EVER if self.timeout is None else float(self.timeout)
        if seconds > 0:
            CLOCK.sleep(seconds)

    def read(self, size=1):
        if size:
            self._wait()
        return b''

    def readline(self, *arguments):
        return self.read()

    read_until = readline

    def read_all(self):
        return b''

    def readinto(self, buffer):
        self._wait()
        return 0

    def readlines(self, *arguments):
        self._wait()
        return []

    def __iter__(self):
        return iter(self.readlines())

    def isOpen(self):
        return self.is_open

    def readable(self):
        return True

    writable = readable

    def open(self):
        self.is_open = True
        self._touch()

    def close(self):
        self.is_open = False

    def _nothing(self, *arguments, **keywords):
        """Nothing is waiting anywhere."""

    flush = flushInput = flushOutput = reset_input_buffer = reset_output_buffer = setDTR = setRTS = _nothing
    send_break = sendBreak = setBreak = set_buffer_size = cancel_read = cancel_write = _nothing

    def _low(self):
        return False

    getCTS = getDSR = getRI = getCD = _low

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


SerialBase = Serial


def serial_for_url(url, *arguments, **keywords):
    return Serial(url, *arguments, **keywords)
