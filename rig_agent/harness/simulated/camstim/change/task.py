"""DoCTask, detection of change: trials with a change to be licked at, for water, until the time or the water is over.

A trial: the stimulus changes at a moment that the generator draws (a catch trial only pretends to). A lick before
it aborts the trial, which is then repeated; a lick in the response window is a hit, or a false alarm when it was a
catch. Warm-up and free trials give water by themselves after `auto_reward_delay`. With `periodic_flash` the
stimulus is on and off in turn, changes come with a flash, and some flashes are omitted.

All moments are known ahead, the mouse's licks too, so they stand in a schedule and the frames between them pass
quickly.
"""
from __future__ import absolute_import, division, print_function

import heapq
import random

from camstim.behavior import Behavior
from camstim.change.stimuli import DoCGratingStimulus, DoCStimulus
from camstim.change.trials import SETTINGS, DoCTrialGenerator, Trial, next_of
from psychopy import event
from rig_simulation import mice
from rig_simulation.clock import CLOCK, FRAME, FRAMES_PER_SECOND
from rig_simulation.options import OPTIONS
from rig_simulation.recorder import record
from rig_simulation.report import REPORT

LATE = FRAME / 1000.0  # moments that a rounding error separates from a frame belong to it
DEFAULTS = {
    'task_id': 'DoC', 'response_window': [0.15, 1.0], 'pre_change_time': 2.25, 'stimulus_window': 6.0,
    'change_time_dist': 'exponential', 'change_time_scale': 2.0, 'change_flashes_min': None, 'change_flashes_max': None,
    'periodic_flash': None, 'flash_omit_probability': 0.0, 'catch_frequency': 0.25, 'failure_repeats': 5,
    'warm_up_trials': 5, 'free_reward_trials': 10, 'auto_reward_vol': 0.005, 'auto_reward_delay': 0.0,
    'min_no_lick_time': 0.0, 'timeout_duration': 0.3, 'end_after_response': True, 'end_after_response_sec': 3.5,
    'abort_on_early_response': True, 'volume_limit': 1.5, 'max_task_duration_min': 60.0, 'start_stop_padding': 0.0,
}


class DoCTask(Behavior):
    """The task. Stimuli come by `set_stimulus`, trials by `set_trial_generator`."""
    DEFAULTS = dict(Behavior.DEFAULTS, **DEFAULTS)
    NAME = 'behavior'

    def __init__(self, window=None, auto_update=True, params=None, *arguments, **keywords):
        super(DoCTask, self).__init__(window, auto_update, params, *arguments, **keywords)
        self.stimulus = None
        self.stimuli = {}
        self.trial_generator = None
        self.trial_log = []
        self.omitted_flash_frame_log = []
        self.trial = None
        self.visible = True
        self._switched = []  # frames at which the stimulus was switched off and on, in turn
        self._mouse = mice.model(OPTIONS.mouse_model)
        self._schedule = []
        self._scheduled = 0
        self._last_lick = self._fallback = None
        self._flashes = self._own('periodic_flash')

    def _own(self, name):
        value = self.params.get(name)
        return None if value == 'None' else value

    def set_stimulus(self, stimulus, name='stimulus', *arguments, **keywords):
        """What changes."""
        self.stimulus = stimulus
        self.stimuli[name] = stimulus

    add_stimulus = set_stimulus

    def set_trial_generator(self, generator):
        """Where trials come from. One made with `cfg` alone now belongs to this task."""
        self.trial_generator = generator
        if getattr(generator, 'task', self) is None:
            generator.task = self

    def update(self, index=None):
        """For what a script derives from this class: the frame is counted already."""

    # ------------------------------------------------------------------------------------------ the task's time

    def _task(self):
        begun = CLOCK.elapsed
        if self.stimulus is None:
            REPORT.finding('no-stimulus', 'the task was started without a stimulus: set_stimulus was never called')
        if not isinstance(self.stimulus, DoCStimulus):
            drawn, self.stimulus = self.stimulus, DoCGratingStimulus(self.window)
            self.stimulus.draw = getattr(drawn, 'draw', self.stimulus.draw)
        if self.trial_generator is None:
            self.set_trial_generator(DoCTrialGenerator(self, cfg=self.params))
        self.stimulus.prepare()
        if len(self.stimulus.groups) < 2:
            REPORT.finding('one-group', 'the stimulus has one group, %s: nothing can change'
                           % ', '.join(sorted(self.stimulus.groups)))
        self._at(begun + self.duration() - LATE, self._time_is_over)
        if self._flashes:
            self._flash_start = begun
            self._at(begun, self._flash, 0)
        self._at(begun, self._begin_trial)
        self._run_schedule()
        self._section('task', begun)

    def _run_schedule(self):
        """Frame by frame until the session is stopped; what is due is done at its frame."""
        schedule, flip, draw = self._schedule, self.window.flip, self.stimulus.draw
        updates = [item.update for item in self.items.values() if hasattr(item, 'update')]
        due = schedule[0][0]
        own = type(self).__mro__[:type(self).__mro__.index(DoCTask)]
        update = self.update if any('update' in kind.__dict__ for kind in own) else None
        while self._stopped_by is None:
            if self.visible:
                draw()
            flip()
            self.update_count += 1
            moment = CLOCK.elapsed
            if moment >= due:
                while schedule and schedule[0][0] <= moment + LATE and self._stopped_by is None:
                    _, _, action, argument = heapq.heappop(schedule)
                    action(moment, argument)
                due = schedule[0][0] - LATE if schedule else float('inf')
            if update is not None:
                update(self.update_count)
            for call in updates:
                call(self.update_count)
            if event._coming and self._key_pressed():
                return

    def _at(self, moment, action, argument=None):
        self._scheduled += 1
        heapq.heappush(self._schedule, (moment, self._scheduled, action, argument))

    def _time_is_over(self, moment, _):
        if self.trial is not None:
            self._close_trial(moment, None)
        self.stop('duration')

    # ------------------------------------------------------------------------------------------ flashes

    def _flash(self, moment, number):
        """A flash begins: shown, or omitted when nothing depends on it."""
        shown, grey = self._flashes
        due = self._flash_start + number * (shown + grey)
        near_change = self.trial is not None and -shown - grey - LATE < due - self.trial.change < shown + grey + LATE
        if not near_change and random.random() < float(self._own('flash_omit_probability') or 0.0):
            self.omitted_flash_frame_log.append(self.update_count)
            REPORT.count_trial('omitted_flashes')
        else:
            self._show(True)
        self._at(due + shown, self._flash_end)
        self._at(due + shown + grey, self._flash, number + 1)

    def _flash_end(self, moment, _):
        self._show(False)

    def _show(self, visible):
        if visible is not self.visible:
            self.visible = visible
            self._switched.append(self.update_count)

    def _next_flash(self, moment):
        """(number, moment) of the first flash that begins after this moment."""
        period = sum(self._flashes)
        number = int((moment - self._flash_start + LATE) / period) + 1
        return number, self._flash_start + number * period

    # ------------------------------------------------------------------------------------------ trials

    def _begin_trial(self, moment, _):
        quiet = float(self._own('min_no_lick_time') or 0.0)
        if quiet and self._last_lick is not None and moment - self._last_lick < quiet:
            return self._at(self._last_lick + quiet, self._begin_trial)
        settings = self._next_settings()
        self.trial = trial = Trial(len(self.trial_log), settings, moment, self._change_moment(settings, moment),
                                   self.update_count)
        early, late = [float(second) for second in self._own('response_window') or (0.0, 0.0)]
        trial.window = early, late
        after = float(self._own('end_after_response_sec') or 0.0)
        if self._own('end_after_response') in (None, False):
            after = max(0.0, float(self._own('stimulus_window') or 0.0) - (trial.change - moment) - late)
        end = trial.change + late + max(after, FRAME)
        reward_at = trial.change + float(self._own('auto_reward_delay') or 0.0) if settings['auto_reward'] else None
        trial.log_event('trial_start', moment - self.started, self.update_count)
        self._at(trial.change, self._change, trial)
        if reward_at is not None:
            self._at(reward_at, self._auto_reward, trial)
        self._at(trial.change + late + LATE, self._window_closes, trial)
        self._at(end, self._end_trial, trial)
        for lick in self._mouse(mice.Plan(moment, trial.change, end, settings['catch'], trial.window, reward_at)):
            self._at(lick, self._lick, trial)

    def _next_settings(self):
        """The generator's next trial. One of a script's own may give something else than camstim's here."""
        given = next_of(self.trial_generator)
        if isinstance(given, dict) and SETTINGS <= set(given):
            return given
        if not isinstance(given, dict):
            record('camstim.change.DoCTrialGenerator.next() of type %s' % type(given).__name__)
            given = {}
        if self._fallback is None:
            self._fallback = DoCTrialGenerator(self, cfg=self.params)
        return dict(self._fallback.next(), **given)

    def _change_moment(self, settings, moment):
        if not self._flashes:
            return moment + (settings['change_time'] or 0.0)
        number, first = self._next_flash(moment + float(self._own('pre_change_time') or 0.0)
                                        if settings['change_flash'] is not None else moment + settings['change_time'])
        return first + (settings['change_flash'] or 0) * sum(self._flashes)

    def _change(self, moment, trial):
        if trial is not self.trial:
            return
        trial.changed = True
        before = self.stimulus.group, self.stimulus.value
        if not trial.settings['catch']:
            self.stimulus.show(self.stimulus.other_group(), moment - self.started, self.update_count)
        change = ((before[0], self.stimulus.group), (before[1], self.stimulus.value), moment - self.started,
                  self.update_count)
        if not trial.settings['catch']:
            trial.stimulus_changes.append(change)
            self.stimulus.changes_log.append(change)
        trial.log_event('sham_change' if trial.settings['catch'] else 'stimulus_changed', moment - self.started,
                        self.update_count)

    def _lick(self, moment, trial):
        if self.trial is None:
            trial = None
        self._last_lick = moment
        self.lick()
        if trial is not self.trial or trial is None:
            return
        trial.licks.append((moment - self.started, self.update_count))
        if not trial.changed:
            aborts = self._own('abort_on_early_response')
            if self.params.get('abort_early_response', aborts):
                trial.log_event('early_response', moment - self.started, self.update_count)
                trial.log_event('abort', moment - self.started, self.update_count)
                self._close_trial(moment, 'abort')
                self._at(moment + float(self._own('timeout_duration') or 0.0) + FRAME, self._begin_trial)
            return
        early, late = trial.window
        in_window = late > early and trial.change + early - LATE <= moment <= trial.change + late + LATE
        if trial.outcome is None and in_window:
            trial.outcome = 'false_alarm' if trial.settings['catch'] else 'hit'
            trial.log_event(trial.outcome, moment - self.started, self.update_count)
            if trial.outcome == 'hit' and not (trial.settings['auto_reward'] and trial.rewards):
                self._reward_trial(trial, moment, self._own('reward_volume'), 'earned')

    def _auto_reward(self, moment, trial):
        if trial is self.trial and not trial.rewards:
            self._reward_trial(trial, moment, self._own('auto_reward_vol'),
                               'free' if trial.settings['free_reward'] else 'auto')

    def _reward_trial(self, trial, moment, volume, kind):
        volume = float(self.params.get('reward_vol') if volume is None else volume)
        if volume > 0:
            trial.rewards.append((volume, moment - self.started, self.update_count))
            self.reward(volume, kind)

    def _window_closes(self, moment, trial):
        if trial is self.trial and trial.outcome is None:
            if trial.settings['auto_reward']:
                trial.outcome = 'auto_rewarded'
            else:
                trial.outcome = 'correct_reject' if trial.settings['catch'] else 'miss'
            trial.log_event('rejection' if trial.settings['catch'] else 'miss', moment - self.started,
                            self.update_count)

    def _end_trial(self, moment, trial):
        if trial is self.trial:
            self._close_trial(moment, trial.outcome)
            self._at(moment, self._begin_trial)

    def _close_trial(self, moment, outcome):
        """The trial is over; None: cut off by the end of the session."""
        trial, self.trial = self.trial, None
        trial.outcome = outcome
        trial.log_event('trial_end', moment - self.started, self.update_count)
        trial.cumulative = self.rewards_dispensed, round(self.volume_dispensed, 6)
        self.trial_log.append(trial.packed(moment - self.started, self.update_count))
        if outcome is None:
            return
        REPORT.count_trial('all')
        REPORT.count_trial(outcome)
        if outcome != 'abort':
            REPORT.count_trial('catch' if trial.settings['catch'] else 'go')
        getattr(self.trial_generator, 'on_result', lambda outcome: None)(outcome)

    # ------------------------------------------------------------------------------------------ output

    def _draw_log(self):
        """1 for each frame that showed the stimulus, 0 for the others."""
        log, since, shown = [], 0, 1
        for frame in self._switched + [self.update_count]:
            log += [shown] * (frame - since)
            since, shown = frame, 1 - shown
        return log

    def package(self):
        return dict(super(DoCTask, self).package(), **{
            'task_id': self.params.get('task_id'), 'trial_log': self.trial_log, 'trial_count': len(self.trial_log),
            'omitted_flash_frame_log': {name: list(self.omitted_flash_frame_log) for name in self.stimuli},
            'stimuli': {name: dict(stimulus.package(), draw_log=self._draw_log())
                        for name, stimulus in self.stimuli.items() if hasattr(stimulus, 'package')},
            'lick_on_auto_rewards': self.params.get('lick_on_auto_rewards'), 'fps': FRAMES_PER_SECOND})
