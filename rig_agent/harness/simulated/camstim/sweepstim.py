"""camstim.SweepStim: shows stimuli frame by frame until they are through, saves, and ends the script."""
from __future__ import absolute_import, division, print_function

import datetime
import sys

from camstim.movies import MovieStim, NaturalScenes  # noqa: F401
from camstim.stimulus import Stimulus, Stimulus_v2, seconds  # noqa: F401
from camstim.window import Warp, Window  # noqa: F401
from psychopy import event
from rig_simulation import assets, output
from rig_simulation.clock import CLOCK, FRAMES_PER_SECOND
from rig_simulation.control import ControlStream
from rig_simulation.faults import misuse
from rig_simulation.params import given_params
from rig_simulation.recorder import Accepting, check_keywords
from rig_simulation.report import REPORT
from toolbox.IO.nidaq import DigitalInput, DigitalOutput

KEYWORDS = ('window', 'stimuli', 'pre_blank_sec', 'post_blank_sec', 'params', 'name', 'fps', 'items',
            'max_total_duration', 'nidaq_tasks', 'session_uuid', 'screen', 'output_dir', 'agent_socket', 'mouse_id',
            'user_id')
LIKE = 0.8  # it has few keywords, and none beside another: `stimulus` means `stimuli`
DEFAULTS = {
    'controlstream': True, 'controlstream_port': 1111, 'nidevice': 'Dev1', 'syncpulse': True, 'syncpulseport': 1,
    'syncpulselines': [4, 7], 'syncsqr': True, 'syncsqrloc': [-870, -500], 'syncsqrsize': [100, 100],
    'savesweeptable': True, 'eyetracker': False, 'showmouse': False, 'bgcolor': 'gray', 'mouseid': 'test',
    'monitor_brightness': 50, 'trigger': None, 'trigger_delay_sec': 0.0, 'minimizelogging': True, 'fps': 60.0,
}


class SweepStim(Accepting):
    """A session of stimuli. Its length is what the stimuli need, and the blanks before and after, in seconds."""

    def __init__(self, window, stimuli=(), pre_blank_sec=0.0, post_blank_sec=0.0, params=None, **others):
        check_keywords('camstim.SweepStim', others, KEYWORDS, like=LIKE)
        self.window = window
        if not hasattr(stimuli, '__iter__'):
            raise misuse(TypeError, '%r object is not iterable: stimuli is a list' % type(stimuli).__name__)
        self.stimuli = list(stimuli)
        for stimulus in self.stimuli:
            if not hasattr(stimulus, 'update'):
                raise misuse(AttributeError, '%r object has no attribute %r: stimuli are camstim stimuli'
                             % (type(stimulus).__name__, 'update'))
        self.params = dict(DEFAULTS, **(params or {}))
        self.cl_params = given_params()
        self.params.update(self.cl_params)
        self.pre_blank_sec = seconds('pre_blank_sec', pre_blank_sec)
        self.post_blank_sec = seconds('post_blank_sec', post_blank_sec)
        self.fps = FRAMES_PER_SECOND
        self.items = {}
        self.vsynccount = self.update_count = 0
        self.stop_requested = None
        device = self.params['nidevice']
        self.di = DigitalInput(device, 0)
        self.do = DigitalOutput(device, self.params['syncpulseport'])

    def add_item(self, item, name):
        """Let something else, such as the running wheel, have its part of each frame and of the output."""
        self.items[name] = item

    def add_stimulus(self, stimulus):
        self.stimuli.append(stimulus)

    @property
    def total_frames(self):
        stimuli = max([stimulus.total_frames for stimulus in self.stimuli] or [0])
        return int(round(self.pre_blank_sec * self.fps)) + int(stimuli) + int(round(self.post_blank_sec * self.fps))

    def run(self):
        """Show everything, save, and end the script. An interrupt ends it without its data, as on a rig."""
        self.startdatetime, self.starttime = datetime.datetime.now(), CLOCK.elapsed
        print('Starting stimulus: %d frames, %.1f s' % (self.total_frames, self.total_frames / self.fps))
        control = ControlStream(self.params.get('controlstream'))
        try:
            self._show(control)
        finally:
            control.close()
        self._finalize()

    start = run

    def _show(self, control):
        """Every frame in order."""
        for stimulus in self.stimuli:
            stimulus.begin()
        for item in self.items.values():
            getattr(item, 'begin', int)()
        blank, total = int(round(self.pre_blank_sec * self.fps)), self.total_frames
        self._touch_lines()
        stimuli, updates = self.stimuli, [item.update for item in self.items.values()]
        flip = self.window.flip
        last = total - int(round(self.post_blank_sec * self.fps))
        for frame in range(total):
            if blank <= frame < last:
                for stimulus in stimuli:
                    stimulus.update(frame - blank)
            for update in updates:
                update(frame)
            flip()
            self.vsynccount += 1
            if event._coming and self._key_pressed():
                return
            if frame % 10 == 9 and control.asks_to_stop():
                REPORT.ended_by = 'control stream'
                return
            if self.stop_requested:
                REPORT.ended_by = self.stop_requested
                return
        REPORT.ended_by = 'frames'

    def _touch_lines(self):
        REPORT.touch(self.params['nidevice'], 'port0', 'digital input')
        if self.params.get('syncpulse'):
            for line in self.params['syncpulselines']:
                REPORT.touch(self.params['nidevice'], 'port%s/line%s' % (self.params['syncpulseport'], line),
                             'sync pulse')

    def _key_pressed(self):
        for key in event.getKeys():
            if key in ('escape', 'q'):
                REPORT.ended_by = 'key ' + key
                self.escape_pressed = key == 'escape'
                return True
        return False

    def stop(self):
        self.stop_requested = 'script'

    def _finalize(self):
        """Say how many frames there were, save, and end the script."""
        self.stopdatetime, self.stoptime = datetime.datetime.now(), CLOCK.elapsed
        print('Expected vsync count: %d' % self.total_frames)
        print('Actual vsync count: %d' % self.vsynccount)
        for stimulus in self.stimuli:
            stimulus.describe()
        if not self.stimuli:
            self._tell_of_no_stimuli()
        REPORT.sections.append({'name': 'SweepStim', 'seconds': round(self.vsynccount / self.fps, 6),
                                'planned': round(self.total_frames / self.fps, 6)})
        path = output.save(self.package(), output.name_of_script())
        print('Data saved to %s' % path)
        sys.exit(0)

    def _tell_of_no_stimuli(self):
        """A grey screen for some time is a session; one without a frame is none."""
        if self.total_frames:
            REPORT.note('SweepStim has no stimuli: its %g s are blank' % (self.total_frames / self.fps))
        else:
            REPORT.never_shown.append(('the session had not one frame: SweepStim has no stimuli', 'script'))

    def package(self):
        """The output, as plain containers."""
        packed = {
            'params': self.params, 'cl_params': self.cl_params, 'fps': self.fps, 'vsynccount': self.vsynccount,
            'total_frames': self.total_frames, 'pre_blank_sec': self.pre_blank_sec,
            'post_blank_sec': self.post_blank_sec,
            'intervalsms': [1000.0 / self.fps] * max(0, self.vsynccount - 1),
            'startdatetime': str(self.startdatetime), 'stopdatetime': str(self.stopdatetime),
            'starttime': self.starttime, 'stoptime': self.stoptime, 'window': getattr(self.window, 'package', dict)(),
            'stimuli': [stimulus.package() for stimulus in self.stimuli],
            'items': {name: getattr(item, 'package', dict)() for name, item in self.items.items()},
            'mouseid': self.params.get('mouse_id', self.params['mouseid'])}
        if self.__dict__.get('escape_pressed'):
            packed['escape_pressed'] = True
        return packed


class SweepStim_v2(SweepStim):
    """The newer interface."""


class StimulusArray(Stimulus):
    """Several psychopy stimuli that are swept as one."""

    def __init__(self, stimuli, sweep_params=None, *arguments, **keywords):
        self.stims = list(stimuli) if isinstance(stimuli, (list, tuple)) else [stimuli]
        super(StimulusArray, self).__init__(self.stims[0] if self.stims else None, sweep_params, *arguments, **keywords)

    def draw(self):
        for stimulus in self.stims:
            stimulus.draw()


load_stimulus = assets.stimulus_of_file
