"""psychopy.data: lists of trials in an order, what was measured in each, and the files that hold it."""
from __future__ import absolute_import, division, print_function

import ast
import csv
import io
import itertools
import os
import pickle
import random
import time

from rig_simulation.faults import misuse, number
from rig_simulation.recorder import Accepting, script_line
from rig_simulation.report import REPORT

# Intensity, size of a step, direction: the next intensity.
STEPS = {'lin': lambda old, step, up: old + up * step, 'log': lambda old, step, up: old * 10.0 ** (up * step),
         'db': lambda old, step, up: old * 10.0 ** (up * step / 20.0)}
PATIENCE = 200  # trials without a reversal after which a staircase ends
METHODS = ('sequential', 'random', 'fullRandom')


def getDateStr(format='%Y_%b_%d_%H%M'):
    return time.strftime(format)


def createFactorialTrialList(factors):
    """Every combination of the factors' levels, {name: [level, ...]}, as a list of dictionaries."""
    names = list(factors)
    return [dict(zip(names, levels)) for levels in itertools.product(*(factors[name] for name in names))]


def importConditions(fileName, returnFieldNames=False, selection=''):
    """The rows of a file of comma separated values as dictionaries, numbers as numbers."""
    with io.open(fileName, encoding='utf-8-sig') as stream:
        rows = [[str(cell) for cell in row] for row in csv.reader(str(line) for line in stream)]
    names, conditions = rows[0], [dict(zip(rows[0], map(_value, row))) for row in rows[1:] if any(row)]
    return (conditions, names) if returnFieldNames else conditions


def _value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


class DataHandler(dict):
    """What was measured: {name: {(index of the condition, repetition): value}}."""

    def __init__(self, trials):
        super(DataHandler, self).__init__()
        self.trials = trials

    def addDataType(self, names, shape=None):
        for name in [names] if hasattr(names, 'lower') else names:
            self.setdefault(name, {})

    def add(self, thisType, value, position=None):
        at = (self.trials.thisIndex, self.trials.thisRepN) if position is None else tuple(position)
        self.setdefault(thisType, {})[at] = value


class TrialType(dict):
    """A condition: its values are items and attributes alike."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise misuse(AttributeError, 'TrialType has no attribute %r' % name)


class _Loop(Accepting):
    """What the handlers share: the experiment that they are part of, and the files of their tables."""
    _experiment = None

    def __iter__(self):
        return self

    def getExp(self):
        return self._experiment

    def setExp(self, exp):
        self._experiment = exp

    def _tell_experiment(self, name, value):
        if self._experiment is not None:
            self._experiment.addData(name, value)

    def _end(self):
        if self._experiment is not None:
            self._experiment.loopEnded(self)
        raise StopIteration

    def saveAsPickle(self, fileName, fileCollisionMethod='rename'):
        return _save(fileName, '.psydat', pickle.dumps(self._as_table(), 2))

    def saveAsText(self, fileName, *arguments, **keywords):
        return _save(fileName, '.dsv', self._as_text(keywords.get('delim', '\t')))

    def printAsText(self, *arguments, **keywords):
        print(self._as_text('\t').decode('utf-8'))

    def _as_text(self, delim):
        return _text(self._as_table(), delim)


class TrialHandler(_Loop):
    """Conditions, each `nReps` times: in their order, shuffled in each repetition, or shuffled as a whole."""

    def __init__(self, trialList, nReps, method='random', dataTypes=None, extraInfo=None, seed=None, originPath=None,
                 name='', autoLog=True):
        if hasattr(trialList, 'lower'):
            trialList = importConditions(trialList)
        if method not in METHODS:
            raise ValueError('method is %r, psychopy knows %s' % (method, ', '.join(METHODS)))
        self.trialList = trialList if isinstance(trialList, list) and trialList else list(trialList or [None])
        for place, trial in enumerate(self.trialList):  # in the script's own list, as psychopy does
            if type(trial) is dict:
                self.trialList[place] = TrialType(trial)
        self.nReps, self.method, self.extraInfo, self.name, self.seed = int(nReps), method, extraInfo, name, seed
        self.originPath, self.autoLog = originPath, autoLog
        self.nTotal = self.nRemaining = len(self.trialList) * self.nReps
        self.thisRepN, self.thisTrialN, self.thisN, self.thisIndex = 0, -1, -1, None
        self.thisTrial, self.finished = [], False
        self.sequenceIndices = self._sequence(random.Random(seed) if seed is not None else random)
        self.data = DataHandler(self)
        self.data.addDataType(dataTypes or ())
        self._begun = 0

    def _sequence(self, chance):
        """sequenceIndices[trial][repetition]: the index of a condition."""
        order = [list(range(len(self.trialList))) for _ in range(self.nReps)]
        if self.method == 'random':
            for repetition in order:
                chance.shuffle(repetition)
        elif self.method == 'fullRandom':
            flat = [index for repetition in order for index in repetition]
            chance.shuffle(flat)
            width = len(self.trialList)
            order = [flat[start:start + width] for start in range(0, len(flat), width)]
        return [[repetition[trial] for repetition in order] for trial in range(len(self.trialList))]

    def next(self):
        self.thisTrialN += 1
        self.thisN += 1
        self.nRemaining -= 1
        if self.thisTrialN == len(self.trialList):
            self.thisTrialN, self.thisRepN = 0, self.thisRepN + 1
        if self.thisRepN >= self.nReps:
            self.thisTrial, self.finished = [], True
        if self.finished:
            self._end()
        self.thisIndex = self.sequenceIndices[self.thisTrialN][self.thisRepN]
        self.thisTrial = self.trialList[self.thisIndex]
        self._begun += 1
        return self.thisTrial

    __next__ = next

    def getFutureTrial(self, n=1):
        """The condition `n` trials ahead, None behind the last one."""
        number = self.thisN + n
        return self.trialList[self._at(number)[1]] if 0 <= number < self.nTotal else None

    def _at(self, number):
        """(repetition, index of the condition) of a trial by its number from the start."""
        repetition, trial = divmod(number, len(self.trialList))
        return repetition, self.sequenceIndices[trial][repetition]

    def getEarlierTrial(self, n=-1):
        return self.getFutureTrial(n if n < 0 else -n)

    def addData(self, thisType, value, position=None):
        self.data.add(thisType, value, position)
        self._tell_experiment(thisType, value)

    def saveAsWideText(self, fileName, delim='\t', *arguments, **keywords):
        return _save(fileName, '.csv' if delim == ',' else '.txt', self._as_text(delim))

    def _place(self):
        return {name: getattr(self, name) for name in ('thisRepN', 'thisTrialN', 'thisN', 'thisIndex')}

    def _as_table(self):
        """One dictionary a trial that ran: its place, its condition, what was measured."""
        rows = []
        for number in range(self._begun):
            repetition, index = self._at(number)
            row = {'TrialNumber': number, 'index': index, 'repetition': repetition}
            row.update(self.trialList[index] or {})
            row.update((name, values[index, repetition]) for name, values in self.data.items()
                       if (index, repetition) in values)
            rows.append(row)
        return rows


class StairHandler(_Loop):
    """A staircase: `nDown` right answers in a row make it harder, `nUp` wrong ones easier.

    Until the first reversal each answer moves it. The size of the steps changes with each reversal when there are
    several; 'db' and 'log' steps multiply, 'lin' steps add. At its end it has `nReversals` and `nTrials` at least.
    """

    def __init__(self, startVal, nReversals=None, stepSizes=4, nTrials=0, nUp=1, nDown=3, applyInitialRule=True,
                 extraInfo=None, method='2AFC', stepType='db', minVal=None, maxVal=None, originPath=None, name='',
                 autoLog=True, **more):
        if stepType not in STEPS:
            REPORT.finding('unknown-parameter', 'psychopy.data.StairHandler has no stepType %s (at %s), and would '
                           'never move: there are %s' % (stepType, script_line(), ', '.join(sorted(STEPS))))
        self.startVal, self.nTrials, self.nUp, self.nDown = startVal, nTrials, nUp, nDown
        self.applyInitialRule, self.extraInfo, self.stepType, self.name = applyInitialRule, extraInfo, stepType, name
        self.minVal, self.maxVal = minVal, maxVal
        self.stepSizes = list(stepSizes) if hasattr(stepSizes, '__iter__') else [stepSizes]
        self.stepSizeCurrent = number('stepSizes', self.stepSizes[0])
        self.nReversals = max(nReversals or 0, len(self.stepSizes))
        self.thisTrialN, self.finished, self.currentDirection, self.correctCounter = -1, False, 'start', 0
        self.intensities, self.data, self.reversalPoints, self.reversalIntensities = [], [], [], []
        self.otherData = {}
        self._nextIntensity = number('startVal', startVal)

    @property
    def intensity(self):
        """That of the present trial."""
        return self.intensities[-1] if self.intensities else self._nextIntensity

    def next(self):
        if self.finished:
            self._end()
        self.thisTrialN += 1
        self.intensities.append(self._nextIntensity)
        return self._nextIntensity

    __next__ = next

    def addResponse(self, result, intensity=None):
        """Take the answer of this trial, 1 for right, and move. `intensity`: what was really shown."""
        if intensity is not None:
            self.intensities[-1:] = [intensity]
        in_a_row = abs(self.correctCounter) if self.data and self.data[-1] == result else 0
        self.data.append(result)
        self.correctCounter = (1 if result == 1 else -1) * (in_a_row + 1)
        self._tell_experiment(self.name + '.response' if self.name else 'response', result)
        self.calculateNextIntensity()

    addData = addResponse

    def addOtherData(self, dataName, value):
        self.otherData.setdefault(dataName, []).append(value)
        self._tell_experiment(dataName, value)

    def calculateNextIntensity(self):
        """Where to go from the last answer; and whether it is over."""
        first_rule = self.applyInitialRule and not self.reversalIntensities
        right, wrong = (1, 1) if first_rule else (self.nDown, self.nUp)
        direction = 'down' if self.correctCounter >= right else 'up' if self.correctCounter <= -wrong else None
        if direction and self.currentDirection not in ('start', direction):
            self.reversalPoints.append(self.thisTrialN)
            self.reversalIntensities.append(self.intensity)
            self.stepSizeCurrent = self.stepSizes[min(len(self.reversalIntensities), len(self.stepSizes) - 1)]
        self.currentDirection = direction or self.currentDirection
        if len(self.intensities) >= self.nTrials and (
                len(self.reversalIntensities) >= self.nReversals or self._is_left_alone()):
            self.finished = True
        if direction:
            self._move(1 if direction == 'up' else -1)

    def _is_left_alone(self):
        """Whether nobody answers otherwise any more. An animal would; a simulation should come to its end."""
        if self.thisTrialN - (self.reversalPoints or [0])[-1] < PATIENCE:
            return False
        REPORT.note('psychopy.data.StairHandler: no reversal in %d trials; it ended after %d of its %d reversals'
                    % (PATIENCE, len(self.reversalPoints), self.nReversals))
        return True

    def _move(self, up):
        """One step up or, by -1, down; not beyond the limit on that side."""
        moved = STEPS.get(self.stepType, lambda old, *_: old)(self._nextIntensity, self.stepSizeCurrent, up)
        limit = self.maxVal if up > 0 else self.minVal
        if limit is not None and (moved - limit) * up > 0:
            moved = limit
        self._nextIntensity, self.correctCounter = moved, 0

    def _place(self):
        return {'thisTrialN': self.thisTrialN, 'intensity': self.intensity}

    def _as_table(self):
        """One dictionary a trial."""
        columns = dict(self.otherData, intensity=self.intensities, response=self.data)
        return [dict({name: values[trial] for name, values in columns.items() if trial < len(values)},
                     TrialNumber=trial, reversal=trial in self.reversalPoints)
                for trial in range(len(self.intensities))]


class ExperimentHandler(Accepting):
    """The loops of an experiment and one row for each entry; written when asked."""

    def __init__(self, name='', version='', extraInfo=None, runtimeInfo=None, originPath=None, savePickle=True,
                 saveWideText=True, dataFileName='', autoLog=True):
        self.name, self.version, self.extraInfo, self.dataFileName = name, version, extraInfo or {}, dataFileName
        self.loops, self.entries, self.thisEntry = [], [], {}

    def addLoop(self, loopHandler):
        self.loops.append(loopHandler)
        loopHandler.setExp(self)

    def loopEnded(self, loopHandler):
        if loopHandler in self.loops:
            self.loops.remove(loopHandler)

    def addData(self, name, value):
        self.thisEntry[name] = value

    def nextEntry(self):
        for loop in [loop for loop in self.loops if isinstance(loop, _Loop)]:
            self.thisEntry.update((loop.name + '.' + name if loop.name else name, value)
                                  for name, value in loop._place().items())
            self.thisEntry.update(getattr(loop, 'thisTrial', None) or {})
        self.entries.append(dict(self.thisEntry, **self.extraInfo))
        self.thisEntry = {}

    def saveAsPickle(self, fileName, fileCollisionMethod='rename'):
        return _save(fileName, '.psydat', pickle.dumps(self._all(), 2))

    def saveAsWideText(self, fileName, delim=None, *arguments, **keywords):
        delim = delim or (',' if fileName.endswith('.csv') or not os.path.splitext(fileName)[1] else '\t')
        return _save(fileName, '.csv' if delim == ',' else '.txt', _text(self._all(), delim))

    def _all(self):
        return self.entries + ([self.thisEntry] if self.thisEntry else [])


def _text(rows, delim):
    names = sorted(set(name for row in rows for name in row))
    lines = [names] + [['%s' % (row[name],) if name in row else '' for name in names] for row in rows]
    return ''.join(delim.join(line) + '\n' for line in lines).encode('utf-8')


def _save(path, ending, content):
    """Write a file, with psychopy's ending where it has none; returns its path."""
    path = path if os.path.splitext(path)[1] else path + ending
    with open(path, 'wb') as stream:
        stream.write(content)
    return path
