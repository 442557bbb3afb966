"""camstim.behavior: a running wheel, a lick sensor and water; alone (Foraging) or under a task."""
from __future__ import absolute_import, division, print_function

from camstim.experiment import EObject, Experiment
from rig_simulation.clock import CLOCK, FRAMES_PER_SECOND
from rig_simulation.report import REPORT

RUNNING_DEGREES_A_FRAME = 1.5


class Encoder(EObject):
    """The wheel's rotary encoder: the mouse runs evenly."""

    def __init__(self, **keywords):
        super(Encoder, self).__init__(**keywords)
        self.dx_a_frame, self.frames = RUNNING_DEGREES_A_FRAME, 0

    @property
    def dx(self):
        return [self.dx_a_frame] * self.frames

    def package(self):
        return {'dx': self.dx, 'vsig': [2.5] * self.frames, 'vin': [5.0] * self.frames, 'gain': 0.05}


class LickSensor(EObject):
    """Frames at which the mouse licked."""

    def __init__(self, **keywords):
        super(LickSensor, self).__init__(**keywords)
        self.lick_events, self.lick_data = [], []

    def package(self):
        return {'lick_events': list(self.lick_events)}


class Reward(EObject):
    """A valve that gives water, in mL."""

    def __init__(self, **keywords):
        super(Reward, self).__init__(**keywords)
        self.rewards, self.volume_dispensed = [], 0.0

    def reward(self, volume=None):
        self.volume_dispensed += volume or 0.0


class Behavior(Experiment):
    """A session with wheel, licks and water."""
    DEFAULTS = dict(Experiment.DEFAULTS, reward_vol=0.007, volume_limit=1.5)
    NAME = 'behavior'

    def __init__(self, *arguments, **keywords):
        super(Behavior, self).__init__(*arguments, **keywords)
        self.encoders = [Encoder()]
        self.lick_sensors = [LickSensor()]
        self.reward_log = []
        self.rewards_dispensed = 0
        self.volume_dispensed = 0.0
        REPORT.touch(self.params['nidevice'], 'ai0,ai1', 'encoder')
        REPORT.touch(self.params['nidevice'], 'port0', 'lick sensor')

    @property
    def volume_limit(self):
        limit = self.params.get('volume_limit')
        return float('inf') if limit in (None, 'None') else float(limit)

    def reward(self, volume=None, kind='earned'):
        """Open the valve. At the volume limit the session ends."""
        volume = float(self.params.get('reward_volume', self.params['reward_vol']) if volume is None else volume)
        if volume <= 0:
            return
        self.rewards_dispensed += 1
        self.volume_dispensed += volume
        self.reward_log.append((volume, CLOCK.elapsed - (self.started or 0.0), self.update_count))
        REPORT.touch(self.params['nidevice'], 'port1/line0', 'reward valve')
        REPORT.reward(volume, kind)
        if self.volume_dispensed >= self.volume_limit:
            self.stop('volume limit')

    dispense_reward = give_reward = reward

    def lick(self):
        """The mouse licked, at this frame."""
        REPORT.licks += 1
        self.lick_sensors[0].lick_events.append(self.update_count)

    def start(self):
        if self.volume_limit != float('inf'):
            REPORT.rewards['limit'] = self.volume_limit
        super(Behavior, self).start()

    def update(self, index=None):
        self.update_count += 1
        self.encoders[0].frames = self.update_count

    def package(self):
        self.encoders[0].frames = self.update_count
        return dict(super(Behavior, self).package(), **{
            'encoders': [encoder.package() for encoder in self.encoders],
            'lick_sensors': [sensor.package() for sensor in self.lick_sensors],
            'rewards_dispensed': self.rewards_dispensed, 'volume_dispensed': round(self.volume_dispensed, 6),
            'reward_log': list(self.reward_log), 'rewards': list(self.reward_log),
            'fps': FRAMES_PER_SECOND})


class Foraging(Behavior):
    """Running without a task; mostly an item of a SweepStim."""
    NAME = 'foraging'
