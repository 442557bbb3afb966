"""SweepStim's control stream: a UDP port on the loopback, looked at every tenth frame. One command is obeyed."""
from __future__ import absolute_import, division, print_function

import socket

from rig_simulation.options import OPTIONS
from rig_simulation.report import REPORT

RealSocket = socket.socket
SocketError = socket.error
FINALIZE = b'RUN _finalize'


class ControlStream(object):
    """Where a stop is heard. Commands are never evaluated, other than on a rig."""

    def __init__(self, wanted=True):
        self.socket = None
        port = OPTIONS.control_port  # the agent's choice, not the script's: several simulations run side by side
        if not wanted or port is None:
            return
        self.socket = RealSocket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.bind(('127.0.0.1', port))
            self.socket.setblocking(0)
        except (SocketError, OverflowError) as error:
            print('Failed to set up control stream: %s' % error)
            self.close()

    def asks_to_stop(self):
        """Whether somebody sent the command since the last look."""
        while self.socket is not None:
            try:
                datagram = self.socket.recv(4096)
            except SocketError:
                return False
            if datagram.strip() == FINALIZE:
                return True
            REPORT.note('the control stream got a command that the simulator does not obey: %r' % datagram[:80])
        return False

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None
