"""camstim.Stimulus: a psychopy stimulus that is swept through a table of parameters.

The table is the product of the parameters' values, the parameter with the lowest number changing slowest. One run shows
each row once, in order or shuffled, each for `sweep_length` seconds with `blank_length` seconds of nothing after it;
`blank_sweeps` puts an empty sweep after every so many. `set_display_sequence` says when the stimulus is on; its own
time stands still in between.
"""
from __future__ import absolute_import, division, print_function

import itertools
import random

from rig_simulation import assets, places
from rig_simulation.clock import FRAMES_PER_SECOND
from rig_simulation.faults import misuse, number
from rig_simulation.options import native
from rig_simulation.recorder import Accepting, Unknown, check_keywords, script_line
from rig_simulation.report import REPORT

BLANK = -1  # in an order of sweeps
KEYWORDS = ('psychopy_stimulus', 'sweep_params', 'sweep_length', 'start_time', 'stop_time', 'blank_length',
            'blank_sweeps', 'runs', 'shuffle', 'fps', 'save_sweep_table', 'sweep_order', 'sweep_table', 'name',
            'opacity', 'static', 'stim_path', 'size', 'window', 'image_path_list', 'movie_path', 'frame_length',
            'flip_v', 'flip_h', 'units', 'pos', 'contrast', 'interpolate', 'image_size', 'display_sequence',
            'cl_params', 'params', 'seed')
# Sweep parameters that camstim itself serves; the rest are set on the psychopy stimulus.
OF_CAMSTIM = ('TF', 'PosX', 'PosY', 'ReplaceImage', 'Speed', 'Dir', 'FlipV', 'FlipH')


class Computed(object):
    """An attribute that is computed until a script sets it."""

    def __init__(self, function):
        self.function, self.__doc__ = function, function.__doc__

    def __get__(self, stimulus, kind=None):
        return self if stimulus is None else self.function(stimulus)


class Stimulus(Accepting):
    """A stimulus with its sweeps. Times in seconds."""

    def __init__(self, psychopy_stimulus=None, sweep_params=None, sweep_length=1.0, start_time=0.0, stop_time=None,
                 blank_length=0.0, blank_sweeps=0, runs=1, shuffle=False, fps=FRAMES_PER_SECOND, save_sweep_table=True,
                 **others):
        check_keywords('camstim.Stimulus', others, KEYWORDS)
        self.stim = self.stimulus = psychopy_stimulus
        self.window = getattr(psychopy_stimulus, 'win', others.get('window'))
        self.sweep_params = check_sweep_params(sweep_params or {})
        self.sweep_length = seconds('sweep_length', sweep_length, above=0.0)
        self.start_time = seconds('start_time', start_time or 0.0)
        self.stop_time = None if stop_time is None else number('stop_time', stop_time)
        self.blank_length = seconds('blank_length', blank_length or 0.0)
        self.blank_sweeps = int(number('blank_sweeps', blank_sweeps or 0))
        self.runs = int(number('runs', runs))
        self.shuffle, self.fps, self.save_sweep_table = shuffle, float(fps), save_sweep_table
        self.stim_path, self.stim_text = others.get('stim_path', ''), ''
        self.display_sequence = None
        self.dimnames, self.sweep_table = self._table()
        self.sweep_order = self._order()
        self.current_sweep = BLANK
        self.sweeps_shown = self.frames_shown = 0
        self._segments = self._next_change = self._segment = None

    @classmethod
    def from_file(cls, path, window, *arguments, **keywords):
        """The stimulus that a .stim file makes: Python text that sets `stimulus`. Raises IOError."""
        return assets.stimulus_of_file(path, window)

    def set_display_sequence(self, sequence, *arguments, **keywords):
        """Show it only within these (start, end), seconds after the session's first blank."""
        self.display_sequence = [(number('display_sequence', start), number('display_sequence', end))
                                 for start, end in sequence]
        before = 0.0
        for start, end in sorted(self.display_sequence):
            if end < start or start < before - 0.5 / self.fps:
                REPORT.finding('display-sequence', 'display sequence: (%g, %g) %s (at %s)' % (
                    start, end, 'ends before it begins' if end < start else 'begins before the one before it ends',
                    script_line()))
            before = max(before, end)

    # ------------------------------------------------------------------------------------------ tables

    def _table(self):
        names = sorted(self.sweep_params, key=lambda name: (self.sweep_params[name][1], name))
        values = [list(self.sweep_params[name][0]) for name in names]
        self._without_values = [native(name) for name, found in zip(names, values) if not found]
        return names, list(itertools.product(*values))

    def _order(self):
        order = []
        for _ in range(self.runs):
            run = list(range(len(self.sweep_table)))
            if self.shuffle:
                random.shuffle(run)
            order.extend(run)
        if self.blank_sweeps:
            every = self.blank_sweeps
            order = [sweep for first in range(0, len(order), every) for sweep in order[first:first + every] + [BLANK]]
        return order

    @Computed
    def sweep_frames(self):
        """(first, last) own frame of each sweep."""
        return [(start, end - 1) for start, end, _ in self._own_segments(blanks=True)]

    @Computed
    def total_frames(self):
        """Frames of the session, without its blanks, until this stimulus has shown all."""
        own = self._own_frames()
        if self.display_sequence is None:
            return own
        for start, end in self._intervals():
            if own <= end - start:
                return start + own
            own -= end - start
        return max([end for _, end in self._intervals()] or [0])

    @Computed
    def frame_list(self):
        """The sweep of each own frame, BLANK where there is none."""
        frames = [BLANK] * self._own_frames()
        for start, end, sweep in self._own_segments():
            frames[start:end] = [sweep] * (end - start)
        return frames

    def _build_frame_list(self, *arguments, **keywords):
        """Scripts call it after they changed the order; here the order is looked at when the session begins."""

    _build_sweep_table = build_frame_list = _build_frame_list

    def _own_frames(self):
        if 'frame_list' in self.__dict__:
            return len(self.frame_list)
        frames = self._frames(self.start_time) + len(self.sweep_order) * self._period()
        return frames if self.stop_time is None else min(frames, self._frames(self.stop_time))

    def _frames(self, seconds):
        return int(round(seconds * self.fps))

    def _period(self):
        return self._frames(self.sweep_length) + self._frames(self.blank_length)

    def _intervals(self):
        return sorted((self._frames(start), self._frames(end)) for start, end in self.display_sequence)

    def _own_segments(self, blanks=False):
        """(first frame, frame after the last, sweep) in the stimulus's own time."""
        if 'frame_list' in self.__dict__:
            for segment in segments_of(self.frame_list):
                yield segment
            return
        length, period, end = self._frames(self.sweep_length), self._period(), self._own_frames()
        start = self._frames(self.start_time)
        for sweep in self.sweep_order:
            if start >= end:
                return
            if sweep != BLANK or blanks:
                yield start, min(start + length, end), sweep
            start += period

    def segments(self):
        """(first frame, frame after the last, sweep) in the session's time, in order."""
        if self.display_sequence is None:
            for segment in self._own_segments():
                yield segment
            return
        intervals = iter(self._intervals())
        start, end = next(intervals, (0, 0))
        own = 0  # own frame at the interval's start
        for first, after, sweep in self._own_segments():
            while first < after:
                while own + (end - start) <= first:
                    own += end - start
                    start, end = next(intervals, (None, None))
                    if start is None:
                        return
                last = min(after, own + (end - start))
                yield start + first - own, start + last - own, sweep
                first = last

    # ------------------------------------------------------------------------------------------ showing

    def begin(self):
        self._check_order()
        self._segments = self.segments()
        self._advance()

    def _check_order(self):
        """A script may have set the order. Raises TypeError, IndexError, as a rig would at that sweep."""
        rows = len(self.sweep_table)
        for sweep in set(self.sweep_order):
            if not isinstance(sweep, Unknown) and not hasattr(sweep, '__index__'):
                raise misuse(TypeError, 'sweep_order holds %r: it takes whole numbers, rows of the sweep table' % sweep)
            if sweep >= rows:
                raise misuse(IndexError, 'sweep_order holds %s, the sweep table has %d rows' % (sweep, rows))

    def _advance(self):
        self._segment = next(self._segments, None)

    def update(self, frame):
        """Show this frame of the session, if it is one of this stimulus's."""
        segment = self._segment
        if segment is None or frame < segment[0]:
            return
        if frame == segment[0]:
            self._set_sweep(segment[2])
        self.frames_shown += 1
        self.draw()
        if frame + 1 >= segment[1]:
            self.current_sweep = BLANK
            self._advance()

    def draw(self):
        self.stim.draw()

    def _set_sweep(self, sweep):
        self.current_sweep = sweep
        self.sweeps_shown += 1
        for name, value in zip(self.dimnames, self.sweep_table[sweep]):
            self._set(name, value)

    def _set(self, name, value):
        kind = type(self.stim)
        setter = getattr(kind, 'set' + name, None) or getattr(kind, 'set' + name[:1].upper() + name[1:], None)
        attribute = next((one for one in (name, name.lower(), name[:1].lower() + name[1:])
                          if one in getattr(self.stim, '__dict__', ()) or hasattr(kind, one)), None)
        if setter is not None:
            setter(self.stim, value)
        elif name in OF_CAMSTIM or isinstance(self.stim, Unknown):
            pass
        elif attribute is not None:
            setattr(self.stim, attribute, value)
        else:
            known = set(OF_CAMSTIM) | {each[:1].upper() + each[1:] for each in dir(self.stim) if each[:1] != '_'}
            check_keywords('sweep_params of %s' % kind.__name__, [name], known)

    # ------------------------------------------------------------------------------------------ telling

    def describe(self):
        """Facts for the report."""
        name = native(self.stim_path or type(self.stim).__name__)
        REPORT.stimuli.append({
            'name': name, 'kind': type(self).__name__,
            'sweeps': len(self.sweep_order), 'sweeps_shown': self.sweeps_shown, 'table': len(self.sweep_table),
            'runs': self.runs, 'frames': self.frames_shown, 'seconds': round(self.frames_shown / self.fps, 6)})
        if not self.frames_shown and next(self.segments(), None) is None:  # however early the session was ended
            self._tell_of_nothing('the %s %s was never shown: ' % (type(self).__name__, name))

    def _tell_of_nothing(self, text):
        if self.sweep_order and all(sweep == BLANK for sweep in self.sweep_order):  # so a script has set it
            REPORT.note(text + 'its order of sweeps is blank')
        else:
            REPORT.never_shown.append((text + self._why_nothing(),
                                       'script' if self.sweep_table else places.whose_emptiness()))

    def _why_nothing(self):
        """Why it has not a single frame to show."""
        if not self.sweep_table:
            return 'there are no values of %s to sweep' % (', '.join(self._without_values) or 'anything')
        if self.runs < 1:
            return 'runs is %d' % self.runs
        if self.display_sequence is not None and not any(end > start for start, end in self._intervals()):
            return 'its display sequence has no time'
        if self.stop_time is not None and self.stop_time <= self.start_time:
            return 'it starts at %g s and stops at %g s' % (self.start_time, self.stop_time)
        return 'its times leave it no frame'

    def package(self):
        """What the output says of this stimulus."""
        described = {name: getattr(self, name) for name in (
            'stim_path', 'stim_text', 'sweep_params', 'sweep_length', 'start_time', 'stop_time', 'blank_length',
            'blank_sweeps', 'runs', 'shuffle', 'fps', 'dimnames', 'sweep_order', 'display_sequence', 'total_frames')}
        described.update(stim=repr(self.stim)[:200], sweep_table=self.sweep_table if self.save_sweep_table else None,
                         sweep_frames=self.sweep_frames, frames_shown=self.frames_shown)
        return described


class Stimulus_v2(Stimulus):
    """The newer interface."""


def segments_of(frame_list):
    """(first frame, frame after the last, sweep) of a list with the sweep of each frame."""
    start = 0
    for sweep, frames in itertools.groupby(frame_list):
        end = start + len(list(frames))
        if sweep != BLANK:
            yield start, end, sweep
        start = end


def check_sweep_params(given):
    """`{name: (values, order)}`. Raises TypeError, as a rig would somewhere."""
    if not isinstance(given, dict):
        raise misuse(TypeError, 'sweep_params is a dictionary {name: (values, order)}, not %r' % (given,))
    for name, entry in given.items():
        if isinstance(entry, Unknown):
            continue
        if not isinstance(entry, (tuple, list)) or len(entry) != 2 or not hasattr(entry[0], '__iter__'):
            raise misuse(TypeError, 'sweep_params[%r] is (values, order), not %r' % (name, entry))
    return given


def seconds(name, value, above=None):
    """As `number`; a time below zero is told, and one that is not above `above`."""
    value = number(name, value)
    if value < 0.0 or value == above:
        REPORT.finding('time', '%s is %g s (at %s)' % (name, value, script_line()))
    return value
