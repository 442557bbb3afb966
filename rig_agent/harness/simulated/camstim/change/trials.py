"""Trials of change detection: DoCTrialGenerator draws what the next one is, Trial keeps what happens in it."""
from __future__ import absolute_import, division, print_function

import math
import random

from rig_simulation.recorder import Accepting

SETTINGS = {'catch', 'auto_reward', 'free_reward', 'change_time', 'change_flash'}  # that the task needs of a trial
TRIES = 100  # draws of a change time that has to lie within its window


class DoCTrialGenerator(Accepting):
    """Draws trials from the task's parameters: `DoCTrialGenerator(task, cfg=params)`, or with `cfg` alone."""

    def __init__(self, task=None, cfg=None, *arguments, **keywords):
        if isinstance(task, dict) and cfg is None:
            task, cfg = None, task
        self.task = task
        self.cfg = dict(cfg or {})
        self.trial_count = 0
        self.misses = 0           # in a row
        self.failures = 0         # repeats of the same change after an early lick
        self.last = None

    def parameter(self, name, default):
        """A parameter of the task, else of the generator. The text `None`, as regimens have it, is None."""
        params = self.task.params if self.task is not None else self.cfg
        value = params.get(name, self.cfg.get(name, default))
        return None if value == 'None' else value

    def next(self):
        """The next trial: {'catch', 'auto_reward', 'change_time', 'change_flash', 'free_reward'}."""
        if self.last is not None and self.failures:
            return dict(self.last, repeat=True)
        trial = {'index': self.trial_count, 'catch': self._is_catch(), 'auto_reward': False, 'free_reward': False,
                 'change_time': None, 'change_flash': None, 'repeat': False}
        warm_up = int(self.parameter('warm_up_trials', 5) or 0)
        if warm_up < 0 or self.trial_count < warm_up:
            trial.update(catch=False, auto_reward=True)
        elif self.misses >= int(self.parameter('free_reward_trials', 10) or 0) > 0:
            trial.update(catch=False, auto_reward=True, free_reward=True)
        self._draw_change(trial)
        self.trial_count += 1
        self.last = trial
        return trial

    __next__ = next

    def __iter__(self):
        return self

    def _is_catch(self):
        frequency = self.parameter('catch_frequency', self.parameter('catch_freq', 0.25))
        if frequency is None:  # from the table of changes: one in as many as there are groups keeps its group
            groups = len(getattr(self.task.stimulus, 'groups', ())) if self.task is not None else 0
            frequency = 1.0 / groups if groups > 1 else 0.0
        return random.random() < float(frequency)

    def _draw_change(self, trial):
        lowest, highest = self.parameter('change_flashes_min', None), self.parameter('change_flashes_max', None)
        scale = float(self.parameter('change_time_scale', 2.0))
        geometric = self.parameter('change_time_dist', 'exponential') == 'geometric'
        if self.parameter('periodic_flash', None) and lowest is not None and highest is not None:
            lowest, highest = int(lowest), int(highest) - 1
            trial['change_flash'] = self._within(lambda: lowest + geometric_draw(scale) - 1, lowest, highest)
            return
        window = float(self.parameter('stimulus_window', 6.0))
        draw = (lambda: float(geometric_draw(scale))) if geometric else (lambda: random.expovariate(1.0 / scale))
        trial['change_time'] = float(self.parameter('pre_change_time', 2.25)) + self._within(draw, 0.0, window)

    @staticmethod
    def _within(draw, lowest, highest):
        for _ in range(TRIES):
            value = draw()
            if lowest <= value <= highest:
                return value
        return lowest

    def on_result(self, outcome):
        """The task tells how the trial ended."""
        repeats = int(self.parameter('failure_repeats', 5) or 0)
        if outcome == 'abort':
            self.failures = self.failures + 1 if self.failures < repeats else 0
        else:
            self.failures = 0
        if outcome == 'miss':
            self.misses += 1
        elif outcome in ('hit', 'auto_rewarded'):
            self.misses = 0


def next_of(generator):
    """The next trial of a generator of camstim's, of a script's own, or of Python's."""
    return generator.next() if hasattr(generator, 'next') else next(generator)


def geometric_draw(probability):
    """How often until the first success: 1, 2, 3, ..."""
    if not 0.0 < probability < 1.0:
        return 1
    return 1 + int(math.log(1.0 - random.random()) / math.log(1.0 - probability))


class Trial(object):
    """One trial while it runs."""

    def __init__(self, index, settings, start, change, frame):
        self.index, self.settings, self.start, self.change, self.frame = index, settings, start, change, frame
        self.window = 0.0, 0.0
        self.changed = False
        self.outcome = None
        self.licks, self.rewards, self.events, self.stimulus_changes = [], [], [], []
        self.cumulative = 0, 0.0

    def log_event(self, name, moment, frame):
        self.events.append((name, '', moment, frame))

    def packed(self, moment, frame):
        """As it stands in the trial log."""
        return {
            'index': self.index, 'trial_params': {'catch': self.settings['catch'],
                                                  'auto_reward': self.settings['auto_reward'],
                                                  'change_time': self.change - self.start},
            'licks': self.licks, 'rewards': self.rewards, 'events': self.events,
            'stimulus_changes': self.stimulus_changes, 'success': self.outcome in ('hit', 'correct_reject'),
            'outcome': self.outcome, 'startframe': self.frame, 'endframe': frame, 'endtime': moment,
            'cumulative_rewards': self.cumulative[0], 'cumulative_volume': self.cumulative[1]}
