"""Simulated nidaqmx, so that a script never reaches a card: channels are written down, reads are low and zero."""
from __future__ import absolute_import, division, print_function

from nidaqmx import constants  # noqa: F401
from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT

KINDS = {'ao': 'analog output', 'ai': 'analog input', 'do': 'digital output', 'di': 'digital input',
         'ci': 'counter input', 'co': 'counter output'}


class DaqError(Exception):
    """An error of the library: never raised here."""


class Quiet(object):
    """Settings of a task: anything may be set and called, nothing comes of it."""

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return lambda *arguments, **keywords: 0


class Channels(object):
    """The channels of one kind of a task."""

    def __init__(self, kind):
        self._kind, self._names = kind, []

    def __getattr__(self, name):
        if not name.startswith('add_'):
            raise AttributeError(name)

        def add(channel='', *arguments, **keywords):
            channel = str(channel or keywords.get('lines') or keywords.get('physical_channel') or '')
            device, _, line = channel.lstrip('/').partition('/')
            REPORT.touch(device, line, self._kind)
            self._names.append(channel)
            return Quiet()
        return add

    def __len__(self):
        return len(self._names)


class Task(Accepting):
    """A task: what is written is counted for its channels, what is read is low or zero."""

    def __init__(self, new_task_name=''):
        self.name = new_task_name
        self.timing, self.triggers, self.in_stream, self.out_stream = Quiet(), Quiet(), Quiet(), Quiet()
        self.channels = Quiet()
        for prefix, kind in KINDS.items():
            setattr(self, prefix + '_channels', Channels(kind))

    def _kinds(self, letter):
        return [getattr(self, prefix + '_channels') for prefix in KINDS if prefix.endswith(letter)]

    def write(self, data, auto_start=False, timeout=10.0):
        for channels in self._kinds('o'):
            for name in channels._names:
                device, _, line = name.lstrip('/').partition('/')
                REPORT.touch(device, line, channels._kind, repr(data) if isinstance(data, (bool, int, float)) else None)
        return len(data) if hasattr(data, '__len__') else 1

    def read(self, number_of_samples_per_channel=None, timeout=10.0):
        low = False if len(self.di_channels) else 0.0
        count = max(1, len(self.di_channels) + len(self.ai_channels) + len(self.ci_channels))
        one = low if number_of_samples_per_channel in (None, 1) else [low] * int(number_of_samples_per_channel)
        return one if count == 1 else [one] * count

    def _nothing(self, *arguments, **keywords):
        """Nothing has to be done."""

    start = stop = close = control = wait_until_done = _nothing
    register_done_event = register_signal_event = register_every_n_samples_acquired_into_buffer_event = \
        register_every_n_samples_transferred_from_buffer_event = _nothing

    def is_task_done(self):
        return True

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False
