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


def test_a_staircase_is_still_a_gap(simulate):
    run = simulate(HEAD + 'data.StairHandler(0.5, nTrials=10)\n')
    assert run.code == 0 and run.unknown() == ['psychopy.data.StairHandler'], run
