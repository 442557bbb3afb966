"""toolbox.IO.nidaq: National Instruments tasks that touch nothing and say what they would have touched."""
from __future__ import absolute_import, division, print_function

from psychopy.tools.arraytools import numpy
from rig_simulation.clock import CLOCK
from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT


class BaseTask(Accepting):
    """A task on a device. `KIND` says what it is in the report."""
    KIND = 'task'

    def __init__(self, device='Dev1', **settings):
        self.device = device
        self.settings = settings
        self.running = False
        self.clock_speed = None

    def _touch(self, line, value=None):
        REPORT.touch(self.device, line, self.KIND, value)

    def start(self):
        self.running = True

    def stop(self):
        self.running = False

    def clear(self):
        self.running = False

    def cfg_sample_clock(self, rate=10000.0, source='', edge='rising', mode='finite', buffer_size=None, **others):
        """Samples per second of what is written or read."""
        self.clock_speed = float(rate)

    cfg_dig_start_trigger = cfg_digital_start_trigger = lambda self, *arguments, **keywords: None
    StartTask, StopTask, ClearTask = start, stop, clear


class AnalogOutput(BaseTask):
    """Voltages. Writing a waveform takes as long as its samples do."""
    KIND = 'analog output'

    def __init__(self, device='Dev1', channels=(0,), voltage_range=(-10.0, 10.0), clock_speed=10000.0, **settings):
        super(AnalogOutput, self).__init__(device, **settings)
        self.channels = list(channels) if hasattr(channels, '__iter__') else [channels]
        self.voltage_range, self.clock_speed = voltage_range, clock_speed

    def write(self, data, **settings):
        samples = len(data) // max(1, len(self.channels)) if hasattr(data, '__len__') else 1
        peak = max(data) if samples and hasattr(data, '__len__') and not hasattr(data[0], '__len__') else None
        for channel in self.channels:
            self._touch('ao%s' % channel, None if peak is None else float(peak))
        if peak is not None and not self.voltage_range[0] <= float(peak) <= self.voltage_range[1]:
            REPORT.finding('voltage', '%s/ao%s is given %.3g V, its range is %s V' % (
                self.device, self.channels[0], float(peak), list(self.voltage_range)))
        if self.clock_speed and samples > 1:
            CLOCK.sleep(samples / self.clock_speed)


class DigitalOutput(BaseTask):
    """Eight lines of a port."""
    KIND = 'digital output'

    def __init__(self, device='Dev1', port=0, lines='', initial_state='low', **settings):
        super(DigitalOutput, self).__init__(device, **settings)
        self.port, self.lines = port, lines
        self.lastOut = self.state = numpy.zeros(8, 'uint8') if numpy is not None else [0] * 8

    def write(self, array, **settings):
        self.lastOut = self.state = array
        self._touch('port%s' % self.port, ''.join(str(int(bool(bit))) for bit in array)
                    if hasattr(array, '__iter__') else int(array))

    def writeBit(self, index, value):
        self._touch('port%s/line%s' % (self.port, index), int(value))

    write_bit = WriteBit = writeBit
    Write = write


class DigitalInput(BaseTask):
    """Eight lines of a port: all low."""
    KIND = 'digital input'

    def __init__(self, device='Dev1', port=0, lines='', **settings):
        super(DigitalInput, self).__init__(device, **settings)
        self.port, self.lines = port, lines

    def read(self, **settings):
        self._touch('port%s' % self.port)
        return numpy.zeros(8, 'uint8') if numpy is not None else [0] * 8

    def readBit(self, index):
        self._touch('port%s/line%s' % (self.port, index))
        return 0

    read_bit = ReadBit = readBit
    Read = read


class AnalogInput(BaseTask):
    """Voltages: zero everywhere."""
    KIND = 'analog input'

    def __init__(self, device='Dev1', channels=(0,), buffer_size=500, clock_speed=10000.0, **settings):
        super(AnalogInput, self).__init__(device, **settings)
        self.channels = list(channels) if hasattr(channels, '__iter__') else [channels]
        self.buffer_size, self.clock_speed = buffer_size, clock_speed

    def read(self, **settings):
        for channel in self.channels:
            self._touch('ai%s' % channel)
        if numpy is not None:
            return numpy.zeros((self.buffer_size, len(self.channels)))
        return [[0.0] * len(self.channels) for _ in range(self.buffer_size)]

    Read = read

    @property
    def data(self):
        return self.read()


class CounterInput(BaseTask):
    """Pulses: none."""
    KIND = 'counter input'

    def __init__(self, device='Dev1', counter='ctr0', **settings):
        super(CounterInput, self).__init__(device, **settings)
        self.counter = counter

    def read(self, **settings):
        self._touch(self.counter)
        return 0


CounterInputU32 = CounterInputU64 = CounterInput


class CounterOutput(BaseTask):
    """Pulses, given out."""
    KIND = 'counter output'

    def __init__(self, device='Dev1', counter='ctr0', **settings):
        super(CounterOutput, self).__init__(device, **settings)
        self.counter = counter

    def start(self):
        super(CounterOutput, self).start()
        self._touch(self.counter)


CounterOutputFreq = CounterOutputTime = CounterOutputTicks = CounterOutput


class Device(Accepting):
    """A device itself."""

    def __init__(self, name='Dev1'):
        self.name = name

    def reset(self):
        REPORT.touch(self.name, '', 'device')


class System(Accepting):
    """The machine's devices."""

    def getDevNames(self):
        return ['Dev1', 'Dev2']

    devices = property(getDevNames)
