"""Models of a mouse that does change detection: when does it lick in the trial that begins?

A model is a function of the trial's plan and gives the moments of its licks. All use the session's seeded numbers.
"""
from __future__ import absolute_import, division, print_function

import random

REACTION = 0.35      # seconds from the change to the first lick
LICK_INTERVAL = 0.13
LICKS_A_BOUT = 5
RANDOM_RATE = 0.25   # bouts a second of the random mouse
IMPATIENCE = 0.7     # of the trials in which the impatient mouse does not wait for the change


class Plan(object):
    """What a trial will do: moments in simulated seconds; `change` may be of catch trials too."""

    def __init__(self, start, change, end, catch, window, reward_at):
        self.start, self.change, self.end, self.catch = start, change, end, catch
        self.window = window        # response window, seconds after the change
        self.reward_at = reward_at  # moment of a reward that comes by itself, or None


def perfect(plan):
    """Answers each change within the response window, never licks otherwise."""
    if plan.catch:
        return []
    if plan.reward_at is not None and plan.window[1] <= plan.window[0]:
        return _bout(plan.reward_at + REACTION)
    return _bout(plan.change + _reaction(plan.window))


def absent(plan):
    """Never licks."""
    return []


def at_random(plan):
    """Licks now and then, whatever is shown."""
    licks, moment = [], plan.start
    while True:
        moment += random.expovariate(RANDOM_RATE)
        if moment > plan.end:
            return licks
        licks.extend(_bout(moment))
        moment = licks[-1]


def impatient(plan):
    """Mostly licks before the change; when it waits, it answers."""
    if plan.change > plan.start and random.random() < IMPATIENCE:
        return _bout(plan.start + random.random() * (plan.change - plan.start))
    return perfect(plan)


def _reaction(window):
    early, late = window
    return min(max(REACTION, early + 0.05), (early + late) / 2.0 if late - early < 0.1 else late - 0.05)


def _bout(moment):
    return [moment + number * LICK_INTERVAL for number in range(LICKS_A_BOUT)]


MODELS = {'perfect': perfect, 'random': at_random, 'absent': absent, 'impatient': impatient}


def model(name):
    """The model of this name. Raises ValueError."""
    if name not in MODELS:
        raise ValueError('no mouse model %r: there are %s' % (name, ', '.join(sorted(MODELS))))
    return MODELS[name]
