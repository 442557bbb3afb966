"""serial.tools.list_ports: one port with what a script may look for: an Arduino, as Windows describes it."""
from __future__ import absolute_import, division, print_function

import re

from rig_simulation.recorder import waits_for_input
from rig_simulation.report import REPORT


class ListPortInfo(object):
    """A port, also as (device, description, hardware id)."""

    def __init__(self, device):
        self.device, self.name = device, device
        self.description, self.manufacturer, self.product = 'Arduino Uno (%s)' % device, 'Arduino LLC', 'Arduino Uno'
        self.vid, self.pid, self.serial_number, self.location, self.interface = 0x2341, 0x0043, 'simulated', '1-1', None
        self.hwid = 'USB VID:PID=2341:0043 SER=simulated LOCATION=1-1'

    def __getitem__(self, index):
        return (self.device, self.description, self.hwid)[index]

    def __len__(self):
        return 3

    def __str__(self):
        return '%s - %s' % (self.device, self.description)

    def usb_description(self):
        return self.product

    def usb_info(self):
        return self.hwid


def comports(include_links=False):
    """Whatever else a script looks for is not there: what it does then is not its fault."""
    waits_for_input()
    REPORT.note('serial.tools.list_ports: one port is there, COM3, with an Arduino Uno')
    return [ListPortInfo('COM3')]


def grep(regexp, include_links=False):
    return (port for port in comports() if any(re.search(regexp, text, re.IGNORECASE) for text in port))
