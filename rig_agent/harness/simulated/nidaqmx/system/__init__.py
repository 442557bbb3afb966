"""nidaqmx.system: a machine with the two cards that a rig's scripts name."""
from __future__ import absolute_import, division, print_function

import collections

from nidaqmx.utils import unflatten_channel_string
from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT

CHANNELS = {'ai_physical_chans': 'ai0:15', 'ao_physical_chans': 'ao0:1', 'ci_physical_chans': 'ctr0:3',
            'co_physical_chans': 'ctr0:3', 'di_lines': 'port0/line0:7', 'do_lines': 'port0/line0:7',
            'di_ports': 'port0:2', 'do_ports': 'port0:2'}
DriverVersion = collections.namedtuple('DriverVersion', 'major_version minor_version update_version')


class Collection(list):
    """Things with a name: found by it, or by their place."""
    names = property(lambda self: [thing.name for thing in self])
    channel_names = device_names = task_names = names

    def __getitem__(self, index):
        if isinstance(index, (str, type(u''))):
            return next((thing for thing in self if thing.name == index), None) or self.otherwise(index)
        return list.__getitem__(self, index)

    def __contains__(self, thing):
        return thing in self.names or list.__contains__(self, thing)

    def otherwise(self, name):
        raise KeyError(name)


class Devices(Collection):
    """A card of any name is there for a script that names it."""

    def otherwise(self, name):
        return Device(name)


class PhysicalChannel(Accepting):
    """A channel of a card."""

    def __init__(self, name):
        self.name = name


class Device(Accepting):
    """A card."""
    product_type, product_num, serial_num, dev_is_simulated, is_simulated = 'PCIe-6321', 0, 0, True, True
    dev_serial_num = serial_num

    def __init__(self, name):
        self.name = name
        for kind, names in CHANNELS.items():
            setattr(self, kind, Collection(PhysicalChannel(one) for one in
                                           unflatten_channel_string('%s/%s' % (name, names))))

    def reset_device(self):
        REPORT.touch(self.name, '', 'device')

    def self_test_device(self):
        REPORT.touch(self.name, '', 'device')

    def __eq__(self, other):
        return isinstance(other, Device) and other.name == self.name

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self.name)


class System(Accepting):
    """The machine."""
    driver_version = DriverVersion(19, 0, 0)

    @classmethod
    def local(cls):
        return cls()

    @classmethod
    def remote(cls, *arguments, **keywords):
        return cls()

    devices = property(lambda self: Devices([Device('Dev1'), Device('Dev2')]))
    tasks = global_channels = scales = property(lambda self: Collection())

    def connect_terms(self, *arguments, **keywords):
        """Two terminals of a card."""

    disconnect_terms = tristate_output_term = set_digital_power_up_states = connect_terms
