"""Simulated sounddevice: streams that nobody hears."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT


class _Default(object):
    samplerate, device, channels, latency, dtype = 44100, None, 2, 'low', 'float32'


default = _Default()


def play(data, samplerate=None, *arguments, **keywords):
    REPORT.touch('sound', 'out', 'sound')


def stop(*arguments, **keywords):
    pass


wait = stop


def query_devices(*arguments, **keywords):
    return {'name': 'simulated', 'default_samplerate': 44100.0, 'max_output_channels': 2} if arguments else []


class OutputStream(Accepting):
    def __init__(self, *arguments, **keywords):
        self.active, self.samplerate = False, keywords.get('samplerate', 44100)

    def start(self):
        self.active = True
        REPORT.touch('sound', 'out', 'sound')

    def stop(self, *arguments):
        self.active = False

    close = abort = stop

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def write(self, data):
        return False


Stream = InputStream = OutputStream
