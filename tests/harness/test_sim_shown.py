"""A session that shows nothing, or not all that it was given, is told; one that was ended early is not blamed."""
from __future__ import absolute_import, unicode_literals

import pytest

HEAD = '''
from __future__ import print_function
from psychopy import visual
from camstim import Foraging, MovieStim, NaturalScenes, Stimulus, SweepStim, Window
window = Window(fullscr=True, monitor="Gamma1.Luminance50")
def swept(values=(0, 90), **options):
    return Stimulus(visual.GratingStim(window), sweep_params={"Ori": (values, 0)}, sweep_length=1.0, **options)
'''
NEVER = 'the Stimulus GratingStim was never shown: '


@pytest.mark.parametrize('text, reason', [
    ('other = swept([])', 'there are no values of Ori to sweep'),
    ('other = swept(iter([]))', 'there are no values of Ori to sweep'),
    ('other = swept(runs=0)', 'runs is 0'),
    ('other = swept(); other.set_display_sequence([])', 'its display sequence has no time'),
    ('other = swept(); other.set_display_sequence([(3, 3)])', 'its display sequence has no time'),
    ('other = swept(start_time=5, stop_time=2)', 'it starts at 5 s and stops at 2 s'),
    ('other = swept(start_time=60); other.set_display_sequence([(0, 2)])', 'its times leave it no frame'),
])
def test_a_stimulus_that_has_no_frame_is_found_with_the_reason(simulate, text, reason):
    run = simulate(HEAD + text + '\nSweepStim(window, stimuli=[swept(), other], params={}).run()')
    assert run.code == 0, run
    assert [(found['of'], found['message']) for found in run.report['findings']] == [('script', NEVER + reason)]


def test_one_that_is_shown_before_a_task_is_found_too(simulate):
    run = simulate(HEAD + '''
from camstim.experiment import Experiment
session = Experiment(window=window, params={"max_task_duration_min": 0.1})
session.add_static_stimulus(swept(runs=0), when=0.0, name="prologue")
session.start()
''')
    assert [found['message'] for found in run.report['findings']] == [NEVER + 'runs is 0'], run


def test_a_session_without_a_frame_is_found_and_a_misspelt_keyword_named(simulate):
    run = simulate(HEAD + 'SweepStim(window, stimulus=[swept()], params={}).run()')
    assert run.code == 0 and run.codes('script') == ['unknown-parameter', 'no-session'], run
    assert 'camstim.SweepStim has no parameter stimulus (at script.py:8); did you mean stimuli?' in \
        run.report['findings'][0]['message']
    run = simulate(HEAD + 'SweepStim(window, stimuli=[], params={}).run()')
    assert [found['message'] for found in run.report['findings']] == [
        'the session had not one frame: SweepStim has no stimuli'], run


def test_every_keyword_of_a_session_and_of_a_stimulus_is_named_when_misspelt(simulate):
    """Whatever names the classes take, themselves or by their signature: one letter more is seen."""
    run = simulate(HEAD + '''
from camstim import sweepstim, stimulus, movies, window as windows
from psychopy.visual import windows as of_psychopy
given = {"window": window, "win": window, "psychopy_stimulus": visual.GratingStim(window), "image_path_list": [],
         "movie_path": []}
for kind, known in ((SweepStim, sweepstim.KEYWORDS), (Stimulus, stimulus.KEYWORDS), (MovieStim, stimulus.KEYWORDS),
                    (NaturalScenes, stimulus.KEYWORDS), (Window, of_psychopy.KEYWORDS),
                    (visual.Window, of_psychopy.KEYWORDS)):
    code = kind.__init__.__code__
    own = code.co_varnames[1:code.co_argcount]
    needed = own[:len(own) - len(kind.__init__.__defaults__ or ())]
    print(kind.__module__, kind.__name__, sorted(set(own) - set(known)))
    for name in own:
        kind(**dict({one: given[one] for one in needed}, **{name + "x": 1}))
''')
    assert run.code == 0, run
    lines = [line for line in run.out.splitlines() if line]
    assert len(lines) == 6 and all(line.endswith(' []') for line in lines), run
    assert run.unknown() == [] and set(run.codes()) == {'unknown-parameter', 'no-output'}, run


def test_a_task_without_time_is_found_and_one_with_something_to_show_beside_it_is_not(simulate):
    text = HEAD + '''
from camstim.experiment import Experiment
session = Experiment(window=window, params={"max_task_duration_min": 0})
%s
session.start()
'''
    run = simulate(text % '')
    assert [found['message'] for found in run.report['findings']] == [
        'the session had not one frame: max_task_duration_min is 0'], run
    assert simulate(text % 'session.add_static_stimulus(swept(), when="end")').codes() == []


@pytest.mark.parametrize('text, options', [
    ('late = swept(); late.set_display_sequence([(600, 700)])', {'keys': [(3, 'q')]}),
    ('late = swept(start_time=600)', {'keys': [(3, 'escape')]}),
    ('late = swept(); late.set_display_sequence([(0, 1), (600, 700)])', {}),
])
def test_a_stimulus_whose_turn_did_not_come_is_not_blamed(simulate, text, options):
    run = simulate(HEAD + text + '\nSweepStim(window, stimuli=[swept(runs=5), late]).run()', **options)
    assert run.code == 0 and run.codes() == [], run


def test_a_session_that_the_script_stops_is_not_blamed_for_what_was_left(simulate):
    run = simulate(HEAD + '''
late = swept(start_time=600)
session = SweepStim(window, stimuli=[swept(), late])
class Ending(object):
    def update(self, frame):
        if frame == 120:
            session.stop()
session.add_item(Ending(), "ending")
session.run()
''')
    assert run.code == 0 and run.codes() == [] and run.report['ended_by'] == 'script', run


def test_a_blank_screen_for_some_time_is_a_session(simulate):
    run = simulate(HEAD + '''
session = SweepStim(window, stimuli=[], pre_blank_sec=300)
session.add_item(Foraging(window=window, auto_update=False, params={}), "foraging")
session.run()
''')
    assert run.codes() == [] and 'SweepStim has no stimuli: its 300 s are blank' in run.report['notes'], run
    run = simulate(HEAD + '''
other = swept()
other.sweep_order = [-1] * 3
SweepStim(window, stimuli=[other]).run()
''')
    assert run.codes() == [] and NEVER + 'its order of sweeps is blank' in run.report['notes'], run


def test_a_script_that_shows_a_stimulus_itself_is_not_blamed(simulate):
    run = simulate(HEAD + '''
class Own(Stimulus):
    def update(self, frame):
        self.stim.draw()
SweepStim(window, stimuli=[Own(visual.GratingStim(window), sweep_params={"Ori": ([0], 0)}, sweep_length=2.0)]).run()
''')
    assert run.code == 0 and run.codes() == [] and run.report['frames'] == 120, run


@pytest.mark.parametrize('folder, whose', [('//lab-share/stimuli/scenes', 'environment'),
                                           ('C:/ProgramData/StimulusFiles/dev', 'environment'), ('images', 'script')])
def test_images_that_only_a_rig_has_are_no_fault_of_the_script(simulate, folder, whose):
    from rig_agent.base.compat import WINDOWS
    if WINDOWS and whose == 'environment':
        pytest.skip('there it is a folder of this machine')
    run = simulate(HEAD + '''
import glob
scenes = NaturalScenes(image_path_list=sorted(glob.glob("%s/*.tif")), window=window)
SweepStim(window, stimuli=[swept(), scenes]).run()
''' % folder)
    assert [(found['code'], found['of']) for found in run.report['findings']] == [('no-session', whose)], run
