"""Lists of trials as psychopy.data has them, in the order that they are asked for."""
from __future__ import absolute_import, unicode_literals

HEAD = '''
from __future__ import print_function
import io
from psychopy import data
'''


def test_each_condition_comes_as_often_as_asked_in_the_order_of_the_method(simulate):
    run = simulate(HEAD + '''
conditions = [{"ori": ori} for ori in (0, 45, 90)]
seen = lambda **options: [trial["ori"] for trial in data.TrialHandler(conditions, **options)]
assert seen(nReps=2, method="sequential") == [0, 45, 90, 0, 45, 90]
shuffled = [seen(nReps=4, method="random", seed=seed) for seed in range(20)]
assert all(sorted(order[start:start + 3]) == [0, 45, 90] for order in shuffled for start in range(0, 12, 3))
assert len(set(map(tuple, shuffled))) > 1 and shuffled[3] == seen(nReps=4, seed=3)
mixed = [seen(nReps=4, method="fullRandom", seed=seed) for seed in range(20)]
assert all(sorted(order) == [0] * 4 + [45] * 4 + [90] * 4 for order in mixed)
assert any(sorted(order[:3]) != [0, 45, 90] for order in mixed)
try:
    data.TrialHandler(conditions, nReps=1, method="shuffled")
except ValueError as error:
    assert "fullRandom" in str(error)
else:
    raise SystemExit("a method that there is not was taken")
''')
    assert run.code == 0 and run.unknown() == [], run


def test_a_loop_knows_where_it_is_and_its_files_hold_what_was_measured(simulate):
    run = simulate(HEAD + '''
trials = data.TrialHandler([{"ori": 0}, {"ori": 90}], nReps=2, method="sequential", extraInfo={"mouse": "1"})
places = []
assert trials.nTotal == 4 and trials.getFutureTrial(1) == {"ori": 0}
for trial in trials:
    places.append((trials.thisN, trials.thisRepN, trials.thisTrialN, trials.thisIndex, trials.nRemaining))
    assert trials.getEarlierTrial() == (None if trials.thisN == 0 else {"ori": 90 - trial["ori"]})
    trials.addData("rt", trials.thisN / 10.0)
    if trials.thisN == 2:
        trials.finished = True
assert places == [(0, 0, 0, 0, 3), (1, 0, 1, 1, 2), (2, 1, 0, 0, 1)], places
trials.saveAsPickle("C:/ProgramData/camstim/output/loop")
trials.saveAsWideText("wide.csv", delim=",")
trials.printAsText()
with io.open("wide.csv") as stream:
    rows = stream.read().splitlines()
assert rows[0] == "TrialNumber,index,ori,repetition,rt" and rows[2] == "1,1,90,0,0.1" and len(rows) == 4, rows
''')
    assert run.code == 0 and run.unknown() == [], run
    assert run.outputs == ['loop.psydat'] and [row['rt'] for row in run.output()] == [0.0, 0.1, 0.2]


def test_conditions_come_from_factors_or_from_a_file_and_an_experiment_keeps_a_row_an_entry(simulate):
    run = simulate(HEAD + '''
made = data.createFactorialTrialList({"ori": [0, 90], "sf": [0.04]})
assert sorted(trial["ori"] for trial in made) == [0, 90] and all(trial["sf"] == 0.04 for trial in made)
with io.open("conditions.csv", "w", encoding="utf-8") as stream:
    stream.write(u"ori,name\\n0,left\\n90.5,right\\n")
rows, names = data.importConditions("conditions.csv", returnFieldNames=True)
assert names == ["ori", "name"] and rows == [{"ori": 0, "name": "left"}, {"ori": 90.5, "name": "right"}], rows
experiment = data.ExperimentHandler(name="tuning", extraInfo={"mouse": "1"})
trials = data.TrialHandler("conditions.csv", nReps=1, method="sequential", name="t")
experiment.addLoop(trials)
for trial in trials:
    trials.addData("t.rt", 0.5)
    experiment.nextEntry()
assert experiment.loops == [] and [row["name"] for row in experiment.entries] == ["left", "right"]
experiment.saveAsWideText("experiment")
with io.open("experiment.csv") as stream:
    assert stream.readline() == u"mouse,name,ori,t.rt,t.thisIndex,t.thisN,t.thisRepN,t.thisTrialN\\n"
''')
    assert run.code == 0 and run.unknown() == [] and 'no-output' not in run.codes(), run


def test_the_values_of_a_condition_are_its_attributes_too(simulate):
    run = simulate(HEAD + '''
import pickle
trials = data.TrialHandler(data.createFactorialTrialList({"ori": [0, 90]}), nReps=1, method="sequential")
seen = []
for trial in trials:
    seen.append((trial.ori, trial["ori"], trials.thisTrial.ori, isinstance(trial, dict)))
assert seen == [(0, 0, 0, True), (90, 90, 90, True)], seen
assert pickle.loads(pickle.dumps(trials.trialList, 2)) == [{"ori": 0}, {"ori": 90}]
conditions = [{"sf": 0.1}]
data.TrialHandler(conditions, 1)
assert conditions[0].sf == 0.1  # psychopy puts them into the script's own list
assert [trial for trial in data.TrialHandler(["a", "b"], 1, method="sequential")] == ["a", "b"]
trials.trialList[0].sf
''')
    assert run.code == 1 and run.unknown() == [], run
    assert (run.report['exception']['type'], run.report['exception']['of']) == ('AttributeError', 'script')
    assert "'sf'" in run.report['exception']['message']


# ------------------------------------------------------------------------------------------------ staircases

def test_a_staircase_goes_down_after_so_many_right_answers_and_up_after_a_wrong_one(simulate):
    run = simulate(HEAD + '''
stairs = data.StairHandler(10, stepSizes=[4, 2, 1], nTrials=12, nUp=1, nDown=2, stepType="lin", minVal=0)
answers = [1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0]
for intensity in stairs:
    assert intensity == stairs.intensity == stairs.intensities[-1]
    stairs.addResponse(answers[stairs.thisTrialN])
# until the first reversal, at the third trial, each answer moves it; its steps then get smaller
assert stairs.intensities == [10, 6, 2, 4, 4, 3, 3, 2, 3, 3, 2, 3], stairs.intensities
assert stairs.reversalPoints == [2, 4, 7, 9, 10] and stairs.reversalIntensities == [2, 4, 2, 3, 2]
assert stairs.data == answers and stairs.finished
''')
    assert run.code == 0 and run.unknown() == [], run


def test_steps_of_a_staircase_add_or_multiply_within_its_limits(simulate):
    run = simulate(HEAD + '''
def walk(answers, **options):
    stairs = data.StairHandler(1.0, nReversals=9, **options)
    shown = []
    for answer in answers:
        shown.append(round(next(stairs), 6))
        stairs.addData(answer)
    return shown
assert walk([1, 1, 1], stepType="db", stepSizes=20) == [1.0, 0.1, 0.01]
assert walk([0, 0, 0], stepType="log", stepSizes=1) == [1.0, 10.0, 100.0]
assert walk([0, 0, 0], stepType="lin", stepSizes=0.25, maxVal=1.4) == [1.0, 1.25, 1.4]
assert walk([1, 1, 1], stepType="lin", stepSizes=0.7, minVal=0.1) == [1.0, 0.3, 0.1]
assert walk([1, 1, 1, 1], stepType="lin", stepSizes=0.1, applyInitialRule=False) == [1.0, 1.0, 1.0, 0.9]
assert walk([1, 1, 1], stepType="dB", stepSizes=1) == [1.0, 1.0, 1.0]
''')
    assert run.code == 0 and run.unknown() == [], run
    assert run.report['findings'][0]['message'] == (
        'psychopy.data.StairHandler has no stepType dB (at script.py:7), and would never move: there are db, lin, log')


def test_a_staircase_ends_after_its_trials_and_reversals_and_saves_what_it_saw(simulate):
    run = simulate(HEAD + '''
experiment = data.ExperimentHandler(name="threshold")
stairs = data.StairHandler(0.5, nReversals=3, stepSizes=0.1, stepType="lin", nUp=1, nDown=1, name="s")
experiment.addLoop(stairs)
for contrast in stairs:
    stairs.addResponse(stairs.thisTrialN % 2, intensity=0.25 if stairs.thisTrialN == 1 else None)
    stairs.addOtherData("rt", stairs.thisTrialN / 10.0)
    experiment.nextEntry()
assert (len(stairs.intensities), stairs.reversalPoints) == (4, [1, 2, 3]) and stairs.intensities[1] == 0.25
assert experiment.loops == [] and [row["s.response"] for row in experiment.entries] == [0, 1, 0, 1]
assert [row["s.intensity"] for row in experiment.entries] == stairs.intensities
third = data.StairHandler(1.0, nTrials=9)
next(third)
third.finished = True
third.addResponse(1)
assert list(third) == []  # ended by the script
stairs.saveAsPickle("C:/ProgramData/camstim/output/stairs")
stairs.saveAsText("stairs", delim=",")
stairs.printAsText()
with io.open("stairs.dsv") as stream:
    assert stream.readline() == u"TrialNumber,intensity,response,reversal,rt\\n"
''')
    assert run.code == 0 and run.unknown() == [], run
    assert run.outputs == ['stairs.psydat'] and [row['response'] for row in run.output()] == [0, 1, 0, 1]


def test_a_staircase_ends_though_a_simulated_animal_always_answers_the_same(simulate):
    run = simulate(HEAD + '''
stairs = data.StairHandler(0.5, stepSizes=[0.1, 0.05], nTrials=5, stepType="lin", minVal=0)
for contrast in stairs:
    stairs.addResponse(1)
assert 5 < len(stairs.intensities) < 1000 and stairs.intensities[-1] == 0
''')
    assert run.code == 0 and run.codes() == ['no-output'], run
    assert any('it ended after 0 of its 2 reversals' in note for note in run.report['notes'])


def test_a_staircase_by_quest_is_still_a_gap(simulate):
    run = simulate(HEAD + 'data.QuestHandler(0.5, 0.2, nTrials=10)\n')
    assert run.code == 0 and run.unknown() == ['psychopy.data.QuestHandler'], run
