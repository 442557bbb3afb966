"""Change detection: trials, mice, water, limits, the output; an hour in seconds."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

TASK = '''
import json, sys
from camstim import Warp, Window
from camstim.change import DoCGratingStimulus, DoCTask, DoCTrialGenerator
params = json.load(open(sys.argv[1]))
window = Window(fullscr=True, monitor="Gamma1.Luminance50", screen=0, warp=Warp.Spherical)
task = DoCTask(window=window, auto_update=True, params=params)
task.set_trial_generator(DoCTrialGenerator(cfg=params))
grating = DoCGratingStimulus(window, tex="sqr", units="deg", size=(300, 300), sf=0.04)
grating.add_stimulus_group("vertical", "Ori", [0, 180])
grating.add_stimulus_group("horizontal", "Ori", [90, 270])
task.set_stimulus(grating, "grating")
'''
FLASHED = {
    'stage': 'x', 'task_id': 'DoC', 'max_task_duration_min': 20.0, 'start_stop_padding': 5.0, 'periodic_flash':
    [0.25, 0.5], 'pre_change_time': 0.0, 'response_window': [0.15, 0.75], 'change_time_dist': 'geometric',
    'change_time_scale': 0.3, 'change_flashes_min': 4, 'change_flashes_max': 12, 'reward_volume': 0.007,
    'volume_limit': 5.0, 'catch_frequency': 0.25, 'warm_up_trials': 3, 'auto_reward_vol': 0.005,
    'auto_reward_delay': 0.15, 'free_reward_trials': 10, 'flash_omit_probability': 0.05, 'failure_repeats': 5,
    'end_after_response': True, 'end_after_response_sec': 3.5}


def with_(**changes):
    return dict(FLASHED, **changes)


def test_an_hour_of_change_detection_takes_seconds(simulate):
    run = simulate(TASK + 'task.start()', with_(max_task_duration_min=60.0))
    assert run.code == 0, run
    assert run.report['frames'] == 3610 * 60
    assert run.report['duration']['simulated'] == pytest.approx(3610, abs=0.1)
    assert run.report['duration']['real'] < 30  # a hang limit; the benchmark has the number
    assert run.codes() == []


def test_the_perfect_mouse_answers_every_change_and_no_catch_trial(simulate):
    run = simulate(TASK + 'task.start()', FLASHED)
    trials, rewards = run.report['trials'], run.report['rewards']
    assert trials['hit'] == trials['go'] > 60 and trials['correct_reject'] == trials['catch'] > 10
    assert not {'miss', 'abort', 'false_alarm'} & set(trials)
    assert rewards['by_kind']['auto'] == 3 and rewards['by_kind']['earned'] == trials['hit'] - 3
    assert rewards['volume'] == pytest.approx(3 * 0.005 + (trials['hit'] - 3) * 0.007)
    assert rewards['limit'] == 5.0 and run.report['ended_by'] == 'duration'


def test_the_other_mice_do_worse_each_in_its_way(simulate):
    absent = simulate(TASK + 'task.start()', FLASHED, mouse_model='absent').report
    assert 'hit' not in absent['trials'] and absent['licks'] == 0
    assert absent['rewards']['by_kind'] == {'auto': 3, 'free': absent['rewards']['count'] - 3}
    assert absent['rewards']['by_kind']['free'] >= absent['trials']['miss'] // 11 > 3
    impatient = simulate(TASK + 'task.start()', FLASHED, mouse_model='impatient').report['trials']
    assert impatient['abort'] > impatient['hit'] > 0
    random = simulate(TASK + 'task.start()', FLASHED, mouse_model='random').report['trials']
    assert random['abort'] > 0 and random['miss'] > 0 and random['false_alarm'] + random['correct_reject'] > 0


def test_the_trial_log_says_what_happened_when(simulate):
    run = simulate(TASK + 'task.start()', FLASHED)
    behavior = run.output()['items']['behavior']
    assert behavior['trial_count'] == len(behavior['trial_log']) > 60
    assert behavior['rewards_dispensed'] == run.report['rewards']['count']
    for trial in behavior['trial_log'][:-1]:
        names = [event[0] for event in trial['events']]
        assert names[0] == 'trial_start' and names[-1] == 'trial_end'
        assert bool(trial['stimulus_changes']) != trial['trial_params']['catch']
        if trial['stimulus_changes']:
            (before, after), _, moment, frame = trial['stimulus_changes'][0]
            assert before != after
            # a change comes with a flash, four to eleven flashes after the trial's first
            flashes = (moment - 5.0) / 0.75
            assert abs(flashes - round(flashes)) < 0.05, moment
            assert 3 * 0.75 < trial['trial_params']['change_time'] <= 12 * 0.75 + 0.05
            assert trial['success'] and 0.15 <= trial['licks'][0][0] - moment <= 0.75
    assert len(behavior['omitted_flash_frame_log']['grating']) > 10
    assert len(behavior['encoders'][0]['dx']) == behavior['update_count']


def test_without_flashes_a_change_comes_within_its_window(simulate):
    run = simulate(TASK + 'task.start()', with_(
        periodic_flash='None', change_time_dist='exponential', change_time_scale=2.0, pre_change_time=2.25,
        stimulus_window=6.0, change_flashes_min=None, change_flashes_max=None, response_window=[0.15, 1.0]))
    log = run.output()['items']['behavior']['trial_log']
    assert all(2.25 <= trial['trial_params']['change_time'] <= 8.25 + 1e-6 for trial in log) and len(log) > 50


def test_warm_up_for_ever_gives_water_with_every_change(simulate):
    run = simulate(TASK + 'task.start()', with_(warm_up_trials=-1, response_window=[0.0, 0.0], reward_volume=0.0))
    assert run.report['rewards']['by_kind'] == {'auto': run.report['trials']['go']}
    assert run.report['trials']['auto_rewarded'] > 60 and 'catch' not in run.report['trials']


def test_the_session_ends_at_its_volume_limit(simulate):
    run = simulate(TASK + 'task.start()', with_(volume_limit=0.1))
    assert run.code == 0 and run.report['ended_by'] == 'volume limit'
    assert 0.1 <= run.report['rewards']['volume'] < 0.108
    assert run.codes() == [] and any('max_task_duration_min' in note for note in run.report['notes'])


def test_an_early_lick_is_repeated_until_its_limit(simulate):
    run = simulate(TASK + 'task.start()', with_(failure_repeats=2), mouse_model='impatient')
    log = run.output()['items']['behavior']['trial_log']
    in_a_row = [0]
    for trial in log:
        in_a_row.append(in_a_row[-1] + 1 if trial['outcome'] == 'abort' else 0)
    changes = [trial['trial_params']['change_time'] for trial in log]
    assert max(in_a_row) >= 3
    assert any(abs(first - second) < 0.76 for first, second in zip(changes, changes[1:]))


def test_the_params_file_is_above_the_script(simulate):
    run = simulate(TASK.replace('params=params', 'params={"max_task_duration_min": 1.0}') + 'task.start()',
                   with_(max_task_duration_min=2.0))
    assert run.report['frames'] == 130 * 60


def test_an_unreadable_params_file_is_a_warning_and_a_finding(simulate):
    run = simulate(TASK.replace('json.load(open(sys.argv[1]))', '{"max_task_duration_min": 1.0}') + 'task.start()',
                   b'{"max_task_duration_min": ')
    assert run.code == 0 and 'unreadable-params' in run.codes(), run


def test_images_of_a_set_change_into_each_other(simulate):
    pytest.importorskip('numpy')
    run = simulate('''
import json, numpy, pickle, sys
from camstim import Window
from camstim.change import DoCImageStimulus, DoCTask, DoCTrialGenerator
params = json.load(open(sys.argv[1]))
images = {"im%d" % n: {"im%d" % n: numpy.zeros((4, 5), dtype="uint8") + n} for n in range(4)}
with open("set.pkl", "wb") as stream:
    pickle.dump(images, stream, 2)
window = Window(fullscr=True, monitor="testMonitor")
task = DoCTask(window=window, auto_update=True, params=params)
task.set_trial_generator(DoCTrialGenerator(task, cfg=params))
task.set_stimulus(DoCImageStimulus(window, image_set="set.pkl", sampling="even"), "images")
task.start()
''', FLASHED)
    assert run.code == 0, run
    behavior = run.output()['items']['behavior']
    changes = [change[0] for trial in behavior['trial_log'] for change in trial['stimulus_changes']]
    assert {name for pair in changes for name in pair} == {'im0', 'im1', 'im2', 'im3'}
    counts = [sum(1 for _, after in changes if after == name) for name in ('im0', 'im1', 'im2', 'im3')]
    assert max(counts) - min(counts) < len(changes) // 4


def test_an_image_set_never_runs_what_is_in_it(simulate):
    simulate.write('set.pkl', b"cos\nsystem\n(S'echo ran > ran.txt'\ntR.")
    run = simulate('''
from camstim import Window
from camstim.change import DoCImageStimulus
DoCImageStimulus(Window(), image_set="set.pkl")
''')
    assert run.code == 1 and 'has no images' in run.err, run
    assert 'ran.txt' not in ' '.join(run.report['files']['written']) and not run.outputs
    assert not os.path.exists(os.path.join(run.folder, 'ran.txt'))


def test_a_movie_after_the_task_adds_its_own_time(simulate):
    run = simulate(TASK + '''
from psychopy import visual
from camstim import Stimulus
movie = Stimulus(visual.GratingStim(window), sweep_params={"Ori": ([0, 90], 0)}, sweep_length=15.0)
task.add_static_stimulus(movie, when="end", name="fingerprint")
task.start()
''', with_(max_task_duration_min=1.0))
    assert run.code == 0 and run.report['frames'] == (5 + 60 + 30 + 5) * 60, run
    assert [section['name'] for section in run.report['sections']] == ['padding', 'task', 'fingerprint', 'padding']


def test_items_timers_and_own_generators_take_part(simulate):
    run = simulate(TASK + '''
from camstim.experiment import EObject, ETimer
class Counter(EObject):
    def update(self, index=None):
        super(Counter, self).update(index)
class Own(DoCTrialGenerator):
    def next(self):
        trial = DoCTrialGenerator.next(self)
        trial["catch"] = True
        return trial
counter, called = Counter(), []
timer = ETimer(10.0, lambda: called.append(1))
timer.start()
task.set_trial_generator(Own(cfg=params))
task.add_item(counter, "counter")
task.add_item(timer, "timer")
try:
    task.start()
except SystemExit:
    assert called == [1] and counter.update_count >= 3600, (called, counter.update_count)
''', with_(max_task_duration_min=1.0, warm_up_trials=0))
    assert run.code == 0, run
    assert 'go' not in run.report['trials']


@pytest.mark.parametrize('head', ['', '''
class Own(DoCTask):
    def update(self, index=None):
        super(Own, self).update(index)
        self.seen = self.__dict__.get("seen", 0) + 1
        assert self.update_count == self.seen
DoCTask = Own
'''])
def test_each_frame_counts_once_and_the_draw_log_says_what_it_showed(simulate, head):
    text = TASK.replace('params = json', head + 'params = json', 1)
    run = simulate(text + 'task.start()', with_(max_task_duration_min=2.0, flash_omit_probability=0.3))
    assert run.code == 0, run
    data = run.output()['items']['behavior']
    log = data['stimuli']['grating']['draw_log']
    assert data['update_count'] == len(log) == 7200 and len(data['intervalsms']) == 7199
    assert log[:46] == [1] * 15 + [0] * 30 + [1]
    assert sum(log) == 15 * (160 - len(data['omitted_flash_frame_log']['grating']))
    assert data['trial_log'][-1]['endframe'] <= 7200


@pytest.mark.parametrize('changes, words', [
    ({'response_window': [0.75, 0.15]}, 'response_window is [0.75, 0.15]: it ends before it begins'),
    ({'max_task_duration_min': '2.0'}, 'max_task_duration_min is the text 2.0'),
    ({'auto_reward_vol': -0.005}, 'auto_reward_vol is -0.005, below 0'),
    ({'catch_frequency': 25}, 'catch_frequency is 25: it is a fraction'),
    ({'change_flashes_min': 12, 'change_flashes_max': 4}, 'change_flashes_min is 12, more than change_flashes_max, 4'),
    ({'change_time_dist': 'geometrc'}, 'change_time_dist is geometrc; did you mean geometric?'),
    ({'max_task_duration_min': 3600, 'volume_limit': 0.02}, 'max_task_duration_min is 3600: it is in minutes'),
])
def test_a_parameter_that_a_rig_takes_and_nobody_means_is_found(simulate, changes, words):
    run = simulate(TASK + 'task.start()', dict(with_(max_task_duration_min=1.0), **changes))
    assert run.code == 0 and words in run.report['findings'][0]['message'], run


@pytest.mark.parametrize('changes, words', [
    ({'periodic_flash': 0.25}, 'periodic_flash is two numbers of seconds, not 0.25'),
    ({'periodic_flash': [0, 0]}, 'no time for a flash'),
    ({'response_window': '0.15, 0.75'}, 'response_window is two numbers'),
    ({'reward_volume': '0.007 ml'}, 'reward_volume is a number, not'),
])
def test_a_parameter_that_a_rig_cannot_calculate_with_is_the_scripts_error(simulate, changes, words):
    run = simulate(TASK + 'task.start()', with_(**changes))
    assert run.code == 1 and run.report['exception']['of'] == 'script', run
    assert words in run.report['exception']['message']


def test_a_task_with_nothing_to_change_to_is_found(simulate):
    run = simulate(TASK.replace('grating.add_stimulus_group("horizontal", "Ori", [90, 270])\n', '') + 'task.start()',
                   with_(max_task_duration_min=1.0))
    assert run.codes() == ['one-group'] and 'nothing can change' in run.report['findings'][0]['message'], run
