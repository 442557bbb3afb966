"""nidaqmx.stream_writers: what they write is counted for the task's channels."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting


class Writer(Accepting):
    """All of them: which numbers and how many channels, the data tell."""

    def __init__(self, task_out_stream, auto_start=False):
        self._task, self.auto_start, self.verify_array_shape = task_out_stream._task, auto_start, True

    def write_one(self, data, *more, **keywords):
        self._task.write(data)

    def write_many(self, data, *more, **keywords):
        self._task.write(data)
        return data.shape[-1] if hasattr(data, 'shape') else len(data)

    write_one_sample = write_one_sample_one_line = write_one_sample_multi_line = write_one
    write_one_sample_port_byte = write_one_sample_port_uint16 = write_one_sample_port_uint32 = write_one
    write_one_sample_pulse_frequency = write_one_sample_pulse_time = write_one_sample_pulse_ticks = write_one
    write_many_sample = write_many_sample_port_byte = write_many_sample_port_uint16 = write_many
    write_many_sample_port_uint32 = write_many_sample_pulse_frequency = write_many_sample_pulse_time = write_many
    write_many_sample_pulse_ticks = write_int16 = write_int32 = write_uint16 = write_uint32 = write_many


class AnalogSingleChannelWriter(Writer):
    """One channel of voltages."""


class AnalogMultiChannelWriter(Writer):
    """Several."""


class AnalogUnscaledWriter(Writer):
    """As the converter takes them."""


class CounterWriter(Writer):
    """A counter."""


class DigitalSingleChannelWriter(Writer):
    """A line or a port."""


class DigitalMultiChannelWriter(Writer):
    """Several."""
