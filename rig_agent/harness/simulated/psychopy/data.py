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

from rig_simulation.recorder import Accepting

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


class TrialHandler(Accepting):
    """Conditions, each `nReps` times: in their order, shuffled in each repetition, or shuffled as a whole."""

    def __init__(self, trialList, nReps, method='random', dataTypes=None, extraInfo=None, seed=None, originPath=None,
                 name='', autoLog=True):
        if hasattr(trialList, 'lower'):
            trialList = importConditions(trialList)
        if method not in METHODS:
            raise ValueError('method is %r, psychopy knows %s' % (method, ', '.join(METHODS)))
        self.trialList = list(trialList or [None])
        self.nReps, self.method, self.extraInfo, self.name, self.seed = int(nReps), method, extraInfo, name, seed
        self.originPath, self.autoLog = originPath, autoLog
        self.nTotal = self.nRemaining = len(self.trialList) * self.nReps
        self.thisRepN, self.thisTrialN, self.thisN, self.thisIndex = 0, -1, -1, None
        self.thisTrial, self.finished = [], False
        self.sequenceIndices = self._sequence(random.Random(seed) if seed is not None else random)
        self.data = DataHandler(self)
        self.data.addDataType(dataTypes or ())
        self._experiment, self._begun = None, 0

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

    def __iter__(self):
        return self

    def next(self):
        self.thisTrialN += 1
        self.thisN += 1
        self.nRemaining -= 1
        if self.thisTrialN == len(self.trialList):
            self.thisTrialN, self.thisRepN = 0, self.thisRepN + 1
        if self.thisRepN >= self.nReps:
            self.thisTrial, self.finished = [], True
        if self.finished:
            if self._experiment is not None:
                self._experiment.loopEnded(self)
            raise StopIteration
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
        if self._experiment is not None:
            self._experiment.addData(thisType, value)

    def getExp(self):
        return self._experiment

    def setExp(self, exp):
        self._experiment = exp

    # ---------------------------------------------------------------------------------------- files

    def saveAsPickle(self, fileName, fileCollisionMethod='rename'):
        return _save(fileName, '.psydat', pickle.dumps(self._as_table(), 2))

    def saveAsText(self, fileName, *arguments, **keywords):
        return _save(fileName, '.dsv', self._as_text(keywords.get('delim', '\t')))

    def saveAsWideText(self, fileName, delim='\t', *arguments, **keywords):
        return _save(fileName, '.csv' if delim == ',' else '.txt', self._as_text(delim))

    def printAsText(self, *arguments, **keywords):
        print(self._as_text('\t').decode('utf-8'))

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

    def _as_text(self, delim):
        return _text(self._as_table(), delim)


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
        for loop in self.loops:
            self.thisEntry.update((loop.name + '.' + name if loop.name else name, getattr(loop, name))
                                  for name in ('thisRepN', 'thisTrialN', 'thisN', 'thisIndex'))
            self.thisEntry.update(loop.thisTrial or {})
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
