"""nidaqmx.stream_readers: they fill the script's arrays, with zeros, and say how many samples they read."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting

ALL = -1


class Reader(Accepting):
    """All of them: which numbers and how many channels, the array tells."""

    def __init__(self, task_in_stream):
        self._task, self.verify_array_shape = task_in_stream._task, True

    def read_one(self, data=None, timeout=10):
        """One sample of each channel: into the array, or as a value where there is one channel."""
        value = self._task.read(timeout=timeout)
        if not hasattr(data, 'fill'):
            return value[0] if isinstance(value, list) else value
        data.fill(0)

    def read_many(self, data, number_of_samples_per_channel=ALL, timeout=10.0):
        count = data.shape[-1] if int(number_of_samples_per_channel) == ALL else int(number_of_samples_per_channel)
        self._task.read(count)
        data[..., :count] = 0
        return count

    read_one_sample = read_one_sample_one_line = read_one_sample_multi_line = read_one
    read_one_sample_port_byte = read_one_sample_port_uint16 = read_one_sample_port_uint32 = read_one
    read_one_sample_double = read_one_sample_uint32 = read_one
    read_many_sample = read_many_sample_double = read_many_sample_uint32 = read_many
    read_many_sample_port_byte = read_many_sample_port_uint16 = read_many_sample_port_uint32 = read_many
    read_int16 = read_int32 = read_uint16 = read_uint32 = read_many


class AnalogSingleChannelReader(Reader):
    """One channel of voltages."""


class AnalogMultiChannelReader(Reader):
    """Several."""


class AnalogUnscaledReader(Reader):
    """As the converter has them."""


class CounterReader(Reader):
    """A counter."""


class DigitalSingleChannelReader(Reader):
    """A line or a port."""


class DigitalMultiChannelReader(Reader):
    """Several."""
