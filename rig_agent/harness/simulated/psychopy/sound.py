"""psychopy.sound: sounds that nobody hears."""
from __future__ import absolute_import, division, print_function

from rig_simulation.recorder import Accepting
from rig_simulation.report import REPORT

audioLib = 'simulated'


def init(*arguments, **keywords):
    """Nothing has to be prepared."""


class Sound(Accepting):
    def __init__(self, value='C', secs=0.5, octave=4, stereo=-1, volume=1.0, loops=0, sampleRate=44100,
                 *others, **more):
        self.value, self.secs, self.volume, self.loops, self.sampleRate = value, secs, volume, loops, sampleRate
        self.status = -1

    def play(self, *arguments, **keywords):
        self.status = 1
        REPORT.touch('sound', 'out', 'sound')

    def stop(self, *arguments, **keywords):
        self.status = -1

    pause = stop

    def setVolume(self, value, log=None):
        self.volume = value

    def setSound(self, value, *arguments, **keywords):
        self.value = value

    def getDuration(self):
        return self.secs


SoundPygame = SoundPyo = Sound
