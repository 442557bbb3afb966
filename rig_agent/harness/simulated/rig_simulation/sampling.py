"""The sample clock of a simulated task: samples take their time, and what is read of inputs is nobody's."""
from __future__ import absolute_import, division, print_function

from rig_simulation.clock import CLOCK
from rig_simulation.recorder import waits_for_input


class SampleClock(object):
    """Samples per second, how many in all (None: for ever), since when, and how many of them were read."""

    def __init__(self):
        self.rate = self.samples = self.started = None
        self.read = 0

    def configure(self, rate, samples):
        self.rate, self.samples = float(rate) or None, samples

    def start(self):
        self.started, self.read = CLOCK.look(), 0

    def stop(self):
        self.started, self.read = None, 0

    def available(self):
        """Samples that were taken and not read; of a task with an end, all that there will be."""
        if self.rate is None:
            return 1
        if self.samples is not None:
            return max(0, self.samples - self.read)
        now = CLOCK.look()
        return max(0, int((now - (now if self.started is None else self.started)) * self.rate) - self.read)

    def wait_for(self, count):
        """Read so many more."""
        if self.rate is not None:
            if self.started is None:
                self.start()
            self.read += count
            self._wait_until(self.read)
        waits_for_input()

    def wait_for_end(self):
        if not self.is_done():
            self._wait_until(self.samples)

    def is_done(self):
        """A task without an end, such as one of single values, has nothing to be waited for."""
        return None in (self.rate, self.samples, self.started) or \
            CLOCK.look() >= self.started + self.samples / self.rate

    def _wait_until(self, samples):
        CLOCK.sleep(max(0.0, self.started + samples / self.rate - CLOCK.look()))
