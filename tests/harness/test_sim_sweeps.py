"""SweepStim as scripts use it: tables, order, frames, durations, the output, the end."""
from __future__ import absolute_import, unicode_literals

import struct

import pytest

HEAD = '''
from __future__ import print_function
from psychopy import visual
from camstim import Foraging, MovieStim, NaturalScenes, Stimulus, SweepStim, Warp, Window
window = Window(fullscr=True, monitor="Gamma1.Luminance50", screen=0, warp=Warp.Spherical)
grating = visual.GratingStim(window, units="deg", size=20, sf=0.1)
'''


def movie(frames, kind='|u1'):
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': (%d, 2, 3), }" % (kind, frames)).ljust(117) + '\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode('ascii') + b'\x00' * 6 * frames


def test_the_table_is_the_product_in_the_stated_order_and_blank_sweeps_stand_between(simulate):
    run = simulate(HEAD + '''
stimulus = Stimulus(grating, sweep_params={"Ori": ([0, 90], 1), "Contrast": ([0.2, 0.8, 1.0], 0)}, sweep_length=0.5,
                    start_time=1.0, stop_time=None, blank_length=0.25, blank_sweeps=3, runs=2, shuffle=False)
assert stimulus.sweep_table == [(0.2, 0), (0.2, 90), (0.8, 0), (0.8, 90), (1.0, 0), (1.0, 90)]
assert stimulus.sweep_order == [0, 1, 2, -1, 3, 4, 5, -1] * 2
assert stimulus.sweep_frames[:2] == [(60, 89), (105, 134)]
assert stimulus.total_frames == 60 + 16 * 45
SweepStim(window, stimuli=[stimulus], pre_blank_sec=1, post_blank_sec=2, params={}).run()
print("never reached")
''')
    assert run.code == 0 and 'never reached' not in run.out, run
    assert run.report['frames'] == 60 + 60 + 16 * 45 + 120
    assert 'Expected vsync count: 960\nActual vsync count: 960' in run.out.replace('\r', '')
    stimulus, = run.report['stimuli']
    assert (stimulus['sweeps'], stimulus['sweeps_shown'], stimulus['frames']) == (16, 12, 12 * 30)
    assert run.outputs == ['script.pkl'] and run.report['ended_by'] == 'frames'


def test_a_shuffled_order_shows_every_sweep_in_each_run(simulate):
    run = simulate(HEAD + '''
stimulus = Stimulus(grating, sweep_params={"Ori": (range(20), 0)}, sweep_length=0.1, runs=3, shuffle=True)
order = stimulus.sweep_order
assert [sorted(order[n:n + 20]) for n in (0, 20, 40)] == [list(range(20))] * 3
assert order != sorted(order[:20]) * 3
''')
    assert run.code == 0, run


def test_the_output_is_a_plain_dictionary_with_params_text_versions_and_timing(simulate):
    run = simulate(HEAD + '''
stimulus = Stimulus(grating, sweep_params={"Ori": ([0, 90], 0)}, sweep_length=1.0)
session = SweepStim(window, stimuli=[stimulus], pre_blank_sec=1, post_blank_sec=1, params={"mouseid": "a"})
session.add_item(Foraging(window=window, auto_update=False, params={},
                          nidaq_tasks={"digital_input": session.di, "digital_output": session.do}), "foraging")
session.run()
''', {'mouseid': '612345', 'session_dur': 4})
    assert run.code == 0, run
    data = run.output()
    assert data['params']['mouseid'] == '612345'  # the params file is above the script
    assert data['vsynccount'] == 240 and len(data['intervalsms']) == 239
    assert 'stimuli=[stimulus]' in data['scripttext'] and data['platform_info']['camstim']
    assert data['stimuli'][0]['sweep_order'] == [0, 1]
    assert len(data['items']['foraging']['encoders'][0]['dx']) == 240
    assert run.codes() == [] and run.report['duration']['expected'] == 4


def test_a_display_sequence_shows_the_stimulus_only_then_and_its_own_time_stands_still_between(simulate):
    run = simulate(HEAD + '''
shown = []
class Watched(visual.GratingStim):
    def setOri(self, value, operation="", log=None):
        shown.append((session.vsynccount, value))
        self.ori = value
stimulus = Stimulus(Watched(window, units="deg"), sweep_params={"Ori": (list(range(6)), 0)}, sweep_length=1.0)
stimulus.set_display_sequence([(0, 2), (5, 7.5), (10, 100)])
session = SweepStim(window, stimuli=[stimulus], pre_blank_sec=0, post_blank_sec=0)
try:
    session.run()
except SystemExit:
    pass
seconds = [(frame / 60.0, value) for frame, value in shown]
# the fifth is cut in two by the pause and goes on after it
assert seconds == [(0, 0), (1, 1), (5, 2), (6, 3), (7, 4), (10, 4), (10.5, 5)], seconds
assert session.vsynccount == 690, session.vsynccount
''')
    assert run.code == 0, run


def test_sweep_parameters_reach_the_stimulus_by_setter_attribute_or_camstim(simulate):
    run = simulate(HEAD + '''
class Own(visual.GratingStim):
    def setFlip(self, value, operation="", log=None):
        self.flips = getattr(self, "flips", 0) + 1
own = Own(window, units="deg")
own.speedy = None
stimulus = Stimulus(own, sweep_params={"Flip": ([1, 2], 0), "Pos": ([(1, 2)], 1), "TF": ([4.0], 2), "speedy": ([7], 3),
                                       "Ori": ([45], 4)}, sweep_length=1.0)
try:
    SweepStim(window, stimuli=[stimulus]).run()
except SystemExit:
    print("second part")
assert own.flips == 2 and own.speedy == 7 and own.ori == 45 and list(own.pos) == [1, 2]
''')
    assert run.code == 0 and 'second part' in run.out, run
    assert run.unknown() == []


def test_movies_take_the_frames_of_their_file(simulate):
    path = simulate.write('clip.npy', movie(30))
    run = simulate(HEAD + '''
clip = MovieStim(movie_path="clip.npy", window=window, frame_length=2.0 / 60.0, size=(1920, 1080), start_time=0.0,
                 stop_time=None, flip_v=True, runs=5)
SweepStim(window, stimuli=[clip], pre_blank_sec=0, post_blank_sec=0, params={}).run()
''')
    assert run.code == 0, run
    assert run.report['frames'] == 30 * 2 * 5
    assert [name for name in run.report['files']['read']] == ['clip.npy'] or path in run.report['files']['read']


@pytest.mark.parametrize('content, words', [
    (movie(3, '<f8'), 'uint8'), (b'not an array', 'no .npy file'), (None, 'clip.npy')])
def test_a_movie_that_is_none_is_the_scripts_error(simulate, content, words):
    if content is not None:
        simulate.write('clip.npy', content)
    run = simulate(HEAD + 'MovieStim(movie_path="clip.npy", window=window, frame_length=1 / 60.0)')
    assert run.code == 1 and words in run.err, run
    assert run.report['exception']['of'] == 'script'


def test_a_stim_file_makes_its_stimulus_with_the_window(simulate):
    simulate.write('flash.stim', '''
        from psychopy import visual
        from camstim import Stimulus
        stimulus = Stimulus(visual.GratingStim(window, tex=None, size=(300, 300), units='deg'),
                            sweep_params={'Color': ([-1, 1], 0)}, sweep_length=0.25, blank_length=1.75, runs=4)
    ''')
    run = simulate(HEAD + '''
stimulus = Stimulus.from_file("flash.stim", window)
assert stimulus.stim_path == "flash.stim" and stimulus.total_frames == 8 * 120
SweepStim(window, stimuli=[stimulus]).run()
''')
    assert run.code == 0 and run.report['stimuli'][0]['name'] == 'flash.stim', run


def test_window_and_monitor_give_numbers_to_calculate_with(simulate):
    run = simulate('''
        import math
        from psychopy import monitors
        from camstim import Window
        monitor = monitors.Monitor("testMonitor", width=52.0, distance=15.3)
        monitor.setSizePix((1920, 1080))
        window = Window(fullscr=True, monitor=monitor, screen=0)
        assert (window.size[0], window.size[1]) == (1920, 1080)
        assert window.monitor.getWidth() == 52.0 and window.monitor.getDistance() == 15.3
        angle = math.degrees(2 * math.atan(window.monitor.getWidth() / 2 / window.monitor.getDistance()))
        assert abs(angle - 119.1) < 0.1
        assert Window(fullscr=True, monitor="Gamma1.Luminance50").monitor.getSizePix()[1] == 1200
        assert abs(window.getMsPerFrame()[0] - 16.67) < 0.01
    ''')
    assert run.code == 0 and run.unknown() == [], run


def test_a_subclass_of_an_element_array_moves_its_elements(simulate):
    pytest.importorskip('numpy')
    run = simulate(HEAD + '''
import numpy as np
from psychopy.tools.arraytools import val2array
from psychopy.tools.attributetools import attributeSetter, setAttribute
class Squares(visual.ElementArrayStim):
    def __init__(self, window, count, **settings):
        super(Squares, self).__init__(window, units="pix", nElements=count, fieldSize=list(window.size),
                                      elementTex=None, elementMask=None, xys=np.zeros((count, 2)), **settings)
        self.speed = 3
        self.direction = 0.0
    @attributeSetter
    def speed(self, value):
        self.__dict__["speed"] = val2array(value, False)
    def setDirection(self, value, operation="", log=None):
        setAttribute(self, "direction", value, log, operation)
    def draw(self, win=None):
        self.setXYs(self.speed * [np.cos(self.direction), np.sin(self.direction)], "+")
        super(Squares, self).draw()
squares = Squares(window, 10, sizes=20)
assert squares.sizes.shape == (10, 2) and isinstance(squares, visual.ElementArrayStim) and list(squares.speed) == [3, 3]
squares.setOris(45)
assert squares.oris.shape == (10,) and squares.oris[3] == 45
try:
    squares.setOris([1, 2, 3])
except ValueError:
    pass
else:
    raise SystemExit("a wrong shape was taken")
squares.setDirection(0.5, "+")
assert squares.direction == 0.5
squares.setDirection(0.0)
stimulus = Stimulus(squares, sweep_params={"Direction": ([0.0], 0)}, sweep_length=1.0)
try:
    SweepStim(window, stimuli=[stimulus]).run()
except SystemExit:
    pass
assert abs(squares.xys[0][0] - 60 * 3) < 1e-6, squares.xys[0]
''')
    assert run.code == 0 and run.unknown() == [], run


def test_it_all_works_without_numpy(simulate):
    run = simulate(HEAD.replace('from psychopy', 'import sys\nsys.modules["numpy"] = None\nfrom psychopy', 1) + '''
stimulus = Stimulus(grating, sweep_params={"Pos": ([(0, 1), (2, 3)], 0)}, sweep_length=0.5, runs=2, shuffle=True)
images = NaturalScenes(image_path_list=[], window=window)
elements = visual.ElementArrayStim(window, nElements=3)
elements.draw()
session = SweepStim(window, stimuli=[stimulus], pre_blank_sec=1, post_blank_sec=1)
session.do.writeBit(1, 0)
session.run()
''')
    assert run.code == 0 and run.report['frames'] == 240, run


def test_optotagging_after_the_sweeps_takes_its_time_and_names_its_lines(simulate):
    pytest.importorskip('numpy')
    run = simulate(HEAD + '''
import time
import numpy as np
from toolbox.IO.nidaq import AnalogOutput, DigitalOutput
from camstim.misc import get_config
from camstim.zro import agent
try:
    SweepStim(window, stimuli=[Stimulus(grating, sweep_params={"Ori": ([0], 0)}, sweep_length=1.0)]).run()
except SystemExit:
    print("the first part is over")
levels = get_config("Optogenetics", path=agent.CAMSTIM_CONFIG_PATH)["level_list"]
ao, do = AnalogOutput("Dev1", channels=[1]), DigitalOutput("Dev1", 2)
ao.cfg_sample_clock(10000.0)
do.start(); ao.start()
start = time.time()
for level in levels:
    do.write(np.array([0, 0, 1, 1, 0, 0, 0, 0], dtype=np.uint8))
    ao.write(np.ones(10000) * level)
    time.sleep(1.5)
assert abs(time.time() - start - 2.5 * len(levels)) < 0.01
do.clear(); ao.clear()
open(agent.OUTPUT_DIR + "/levels.opto.pkl", "wb").write(b"x")
''')
    assert run.code == 0 and run.outputs == ['levels.opto.pkl', 'script.pkl'], run
    lines = {(use['device'], use['line'], use['kind']) for use in run.report['hardware']}
    assert {('Dev1', 'ao1', 'analog output'), ('Dev1', 'port2', 'digital output')} <= lines


@pytest.mark.parametrize('order, kind', [('[0, 1, 2]', 'IndexError'), ('[0.0, 1.0]', 'TypeError')])
def test_an_order_that_the_table_does_not_have_is_the_scripts_error(simulate, order, kind):
    run = simulate(HEAD + '''
stimulus = Stimulus(grating, sweep_params={"Ori": ([0, 90], 0)})
stimulus.sweep_order = %s
SweepStim(window, stimuli=[stimulus]).run()
''' % order)
    assert run.code == 1, run
    assert (run.report['exception']['type'], run.report['exception']['of']) == (kind, 'script')


@pytest.mark.parametrize('text, words', [
    ('Stimulus(grating, sweep_params={}, sweep_length=-0.25)', 'sweep_length is -0.25 s (at script.py:7)'),
    ('Stimulus(grating, sweep_params={"Ori": ([0], 0)}, sweep_length=1 // 30)', 'sweep_length is 0 s'),
    ('SweepStim(window, stimuli=[], post_blank_sec=-1)', 'post_blank_sec is -1 s'),
    ('Stimulus(grating).set_display_sequence([(10, 2)])', '(10, 2) ends before it begins'),
    ('Stimulus(grating).set_display_sequence([(0, 70), (60, 90)])', '(60, 90) begins before the one before it ends'),
    ('visual.GratingStim(window, units="degrees")', "psychopy knows no units 'degrees'"),
    ('Window(fullscr=True, monitor="Gama1.Luminance50")', "did you mean 'Gamma1.Luminance50'?"),
])
def test_what_a_rig_would_show_wrongly_is_found(simulate, text, words):
    run = simulate(HEAD + text)
    assert run.code == 0 and words in run.report['findings'][0]['message'], run
    assert run.report['findings'][0]['of'] == 'script'


def test_blocks_that_follow_each_other_within_a_rounding_error_do_not_overlap(simulate):
    run = simulate(HEAD + '''
starts = [0.4 * block for block in range(40)]
Stimulus(grating).set_display_sequence([(start, start + 0.4) for start in starts])
''')
    assert run.codes() == ['no-output'], run


@pytest.mark.parametrize('text', ['tex="sqare"', 'mask="cirle"'])
def test_a_texture_that_is_neither_known_nor_a_file_is_the_scripts_error(simulate, text):
    run = simulate(HEAD + 'visual.GratingStim(window, %s)' % text)
    assert run.code == 1 and run.report['exception']['of'] == 'script', run


@pytest.mark.parametrize('text', ['SweepStim(window, stimuli=Stimulus(grating))',
                                  'SweepStim(window, stimuli=[], pre_blank_sec="one")'])
def test_what_a_session_cannot_be_made_of_is_the_scripts_error(simulate, text):
    run = simulate(HEAD + text)
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert run.report['exception']['type'] == 'TypeError'


def test_moving_dots_are_swept_by_the_names_that_psychopy_gives_them(simulate):
    run = simulate(HEAD + '''
dots = visual.DotStim(window, nDots=100, coherence=1.0)
stimulus = Stimulus(dots, sweep_params={"FieldCoherence": ([0.5], 0), "Dir": ([90], 1), "Speed": ([0.2], 2)})
try:
    SweepStim(window, stimuli=[stimulus]).run()
except SystemExit:
    pass
assert (dots.coherence, dots.dir, dots.speed) == (0.5, 90, 0.2)
''')
    assert run.code == 0 and run.codes() == [] and run.unknown() == [], run
