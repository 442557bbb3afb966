"""camstim.experiment: the frame loop of tasks, and the objects and timers that take part in it."""
from __future__ import absolute_import, division, print_function

import datetime
import sys

from psychopy import event
from rig_simulation import output, taskparams
from rig_simulation.clock import CLOCK, FRAMES_PER_SECOND
from rig_simulation.params import given_params
from rig_simulation.recorder import Accepting, check_keywords
from rig_simulation.report import REPORT


KEYWORDS = ('window', 'auto_update', 'params', 'nidaq_tasks', 'name', 'callbacks', 'fps', 'session_uuid')


class EObject(Accepting):
    """Something that is updated each frame and tells callbacks of its events."""

    def __init__(self, *arguments, **keywords):
        self.callbacks = dict(keywords.pop('callbacks', {}))
        self.update_count = 0
        for name, value in keywords.items():
            setattr(self, name, value)

    def add_callback(self, name, function):
        self.callbacks.setdefault(name, []).append(function)

    def signal(self, name, *arguments, **keywords):
        """Call whoever waits for this event."""
        waiting = self.callbacks.get(name, [])
        for function in waiting if isinstance(waiting, (list, tuple)) else [waiting]:
            function(*arguments, **keywords)

    def update(self, index=None):
        self.update_count += 1

    def start(self):
        pass

    def stop(self):
        pass

    def close(self):
        pass

    def package(self):
        """What the output says of this object."""
        return {name: value for name, value in self.__dict__.items()
                if not name.startswith('_') and output.can_be_pickled(value)}


class ETimer(EObject):
    """Calls back when its seconds are over."""

    def __init__(self, duration=0.0, callback=None, *arguments, **keywords):
        super(ETimer, self).__init__(**keywords)
        self.duration, self.callback = duration, callback
        self.started = None
        self.active = self.timed_out = False

    def start(self, duration=None):
        self.duration = self.duration if duration is None else duration
        self.started, self.active, self.timed_out = CLOCK.elapsed, True, False

    reset = start

    def stop(self):
        self.active = False

    def update(self, index=None):
        super(ETimer, self).update(index)
        if self.active and CLOCK.elapsed - self.started >= self.duration:
            self.active, self.timed_out = False, True
            if self.callback is not None:
                self.callback()
            self.signal('timeout')


class Experiment(Accepting):
    """A session with a window: `start` shows frames until it is at its end, saves, and ends the script.

    Parameters: those of the script, overridden by the params file, which camstim reads itself. An interrupt ends it
    with its data, and with exit code 0.
    """
    DEFAULTS = {'max_task_duration_min': 60.0, 'start_stop_padding': 0.0, 'nidevice': 'Dev1', 'mouse_id': 'test',
                'user_id': 'test'}
    NAME = 'experiment'

    def __init__(self, window=None, auto_update=True, params=None, nidaq_tasks=None, *arguments, **keywords):
        self.window, self.auto_update = window, auto_update
        self.params = dict(self.DEFAULTS, **(params or {}))
        self.cl_params = given_params()
        self.params.update(self.cl_params)
        self.nidaq_tasks = dict(nidaq_tasks or {})
        check_keywords('camstim.%s' % self._simulated_name(), keywords, KEYWORDS, others=False)
        for name, value in keywords.items():
            setattr(self, name, value)
        self.items = {}
        self.update_count = 0
        self.started = None
        self.static_stimuli = []
        self._stopped_by = None

    @classmethod
    def _simulated_name(cls):
        return next(base.__name__ for base in cls.__mro__ if 'NAME' in base.__dict__)

    # ------------------------------------------------------------------------------------------ what scripts add

    def add_item(self, item, name=None):
        """Let something have its part of each frame and of the output."""
        self.items[name or 'item_%d' % len(self.items)] = item

    def add_static_stimulus(self, stimulus, when=0.0, name=None, *arguments, **keywords):
        """Show a whole stimulus before the task (`when` is a number) or after it (`when='end'`)."""
        self.static_stimuli.append((stimulus, when, name or 'static_%d' % len(self.static_stimuli)))

    def stop(self, by='script'):
        """End the session after this frame."""
        self._stopped_by = by

    finish = end = stop

    # ------------------------------------------------------------------------------------------ the session

    def start(self):
        """Run the session, save, and end the script."""
        taskparams.check(self.params)
        self.started, frames_before = CLOCK.elapsed, CLOCK.frames
        self.startdatetime = datetime.datetime.now()
        print('Starting %s, at most %.1f min' % (type(self).__name__, self.duration() / 60.0))
        try:
            for part in (self._padding, self._show_prologue, self._task, self._show_epilogue, self._padding):
                if self._stopped_by in (None, 'duration', 'volume limit'):
                    part()
        except KeyboardInterrupt:
            self._stopped_by = 'interrupt'
        if CLOCK.frames == frames_before and self.duration() <= 0.0:
            REPORT.never_shown.append(('the session had not one frame: max_task_duration_min is %g'
                                       % float(self.params['max_task_duration_min']), 'script'))
        REPORT.ended_by = self._stopped_by or 'duration'
        self._finalize()

    run = start

    def duration(self):
        """Seconds of the task, without padding and static stimuli."""
        return 60.0 * float(self.params['max_task_duration_min'])

    def _task(self):
        """Frames until the task's time is over or somebody ends it."""
        begun = CLOCK.elapsed
        self._frames(int(round(self.duration() * FRAMES_PER_SECOND)))
        self._section('task', begun)

    def _padding(self):
        begun = CLOCK.elapsed
        self._frames(int(round(float(self.params.get('start_stop_padding') or 0.0) * FRAMES_PER_SECOND)), task=False)
        self._section('padding', begun)

    def _show_prologue(self):
        self._show_static([item for item in self.static_stimuli if item[1] not in ('end', None)])

    def _show_epilogue(self):
        self._show_static([item for item in self.static_stimuli if item[1] in ('end', None)])

    def _show_static(self, chosen):
        for stimulus, _, name in chosen:
            if self._stopped_by in (None, 'duration', 'volume limit'):
                begun = CLOCK.elapsed
                self._show_one(stimulus)
                self._section(name, begun)

    def _show_one(self, stimulus):
        if hasattr(stimulus, 'begin') and hasattr(stimulus, 'total_frames'):
            stimulus.begin()
            self._frames(int(stimulus.total_frames), task=False, update=stimulus.update)
            stimulus.describe()

    def _section(self, name, begun):
        if CLOCK.elapsed > begun:
            REPORT.sections.append({'name': name, 'seconds': round(CLOCK.elapsed - begun, 6)})

    def _frames(self, count, task=True, update=None):
        """Show so many frames, fewer when the session is stopped."""
        flip = self.window.flip if self.window is not None else CLOCK.flip
        each_frame = self._each_frame if task else None
        updates = [item.update for item in self.items.values() if self.auto_update and hasattr(item, 'update')]
        stopped_before = self._stopped_by
        for frame in range(count):
            flip()
            if each_frame is not None:
                each_frame(CLOCK.elapsed)
            if update is not None:
                update(frame)
            for call in updates:
                call(frame)
            if event._coming and self._key_pressed():
                return
            if self._stopped_by is not stopped_before:
                return

    def _each_frame(self, moment):
        self.update()

    def _key_pressed(self):
        for key in event.getKeys():
            if key in ('escape', 'q'):
                self._stopped_by = 'key ' + key
                return True
        return False

    def update(self, index=None):
        """One frame; as an item of a SweepStim it is called from there."""
        self.update_count += 1

    def _finalize(self):
        for item in self.items.values():
            getattr(item, 'close', int)()
        path = output.save({'items': {self.NAME: self.package()}, 'start_time': self.startdatetime,
                            'stop_time': datetime.datetime.now(), 'threads': []}, output.stamp())
        print('Data saved to %s' % path)
        sys.exit(0)

    def package(self):
        """What the output says of this part."""
        return {'params': self.params, 'cl_params': self.cl_params, 'update_count': self.update_count,
                'auto_update': self.auto_update, 'unpickleable': [],
                'intervalsms': [1000.0 / FRAMES_PER_SECOND] * max(0, self.update_count - 1),
                'items': {name: item.package() for name, item in self.items.items() if hasattr(item, 'package')}}
