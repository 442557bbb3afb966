"""Two regimens compared by meaning: what a mouse or a script would notice, not how the files are written.

The version step follows what the change does to mice that are in the regimen. major: a stage went away or has another
name, so its mice need a migration. minor: there is a new stage, another way between stages, or another script. patch:
anything else inside of a stage. (mtrain moves mice within one major by the stage's name: facts of its migrations.)
"""
from __future__ import absolute_import, unicode_literals

import json
from collections import OrderedDict
from difflib import SequenceMatcher

from rig_agent.base.errors import WrongBytes
from rig_agent.regimens.model import end_of_transition
from rig_agent.regimens.naming import parse_name
from rig_agent.regimens.references import classify, expected_md5

MAJOR, MINOR, PATCH, NONE = STEPS = ('major', 'minor', 'patch', 'none')
ABSENT = object()
ALIKE = 0.8  # share of equal parameters from which a stage that went and one that came may be the same, renamed


class Difference(object):
    """What changed from `old` to `new`.

    added, removed: stage names. renamed: [(old name, new name)]. changed: new stage name -> [Change].
    transitions: [(kind, text)], kind `added`, `removed` or `changed`; None when one side does not tell its transitions.
    """

    def __init__(self, old, new, with_transitions=True):
        self.old, self.new = old, new
        before, after = _documents(old), _documents(new)
        self.removed = [name for name in before if name not in after]
        self.added = [name for name in after if name not in before]
        self.renamed = _renamed(before, after, self.removed, self.added)
        self.removed = [name for name in self.removed if name not in [pair[0] for pair in self.renamed]]
        self.added = [name for name in self.added if name not in [pair[1] for pair in self.renamed]]
        pairs = [(name, name) for name in before if name in after] + self.renamed
        order = list(after)
        self.changed = OrderedDict()
        for old_name, new_name in sorted(pairs, key=lambda pair: order.index(pair[1])):
            changes = list(_stage_changes(before[old_name], after[new_name], old_name != new_name))
            if changes:
                self.changed[new_name] = changes
        self.transitions = _transition_changes(old, new, dict(self.renamed)) if with_transitions else None

    @property
    def is_empty(self):
        return not (self.added or self.removed or self.renamed or self.changed or self.transitions)

    @property
    def step(self):
        """The version step that the change asks for: `major`, `minor`, `patch` or `none`."""
        if self.removed or self.renamed:
            return MAJOR
        if self.added or self.transitions or any(change.is_other_script for changes in self.changed.values()
                                                 for change in changes):
            return MINOR
        return PATCH if self.changed else NONE

    def reasons(self):
        """Why this step: a list of short texts."""
        if self.step == MAJOR:
            return (['stage %s removed' % name for name in self.removed]
                    + ['stage %s renamed to %s' % pair for pair in self.renamed])
        if self.step == MINOR:
            return (['stage %s added' % name for name in self.added]
                    + ['transitions changed'] * bool(self.transitions)
                    + ['another script in %s' % name for name, changes in self.changed.items()
                       if any(change.is_other_script for change in changes)])
        return ['%s changed' % name for name in self.changed]

    def verdict(self):
        """(whether the new name's step is large enough, a sentence that says so)."""
        old, new = parse_name(self.old.name), parse_name(self.new.name)
        wanted = 'The change asks for %s' % ('no new version' if self.step == NONE else 'a %s step (%s)' % (
            self.step, _some(self.reasons())))
        if not self.old.name or not self.new.name:
            return True, '%s; one of the two has no name, so its step cannot be told.' % wanted
        if self.old.name == self.new.name:
            if self.step == NONE:
                return True, '%s, and the name is the same.' % wanted
            return False, '%s, but the name is still %s: mtrain would not take it.' % (wanted, self.new.name)
        if not old or not new:
            return True, '%s; a name without a version tells no step.' % wanted
        if old.base != new.base:
            return True, '%s; %s is another regimen than %s, so its version begins anew.' % (
                wanted, self.new.name, self.old.name)
        taken = step_between(old.version, new.version)
        if taken is None:
            return False, '%s, but the version goes back from %s to %s.' % (wanted, _dotted(old), _dotted(new))
        if STEPS.index(taken) > STEPS.index(self.step):
            return False, '%s, but the name takes a %s step, from %s to %s.' % (
                wanted, taken, _dotted(old), _dotted(new))
        return True, '%s; the name takes a %s step, from %s to %s.' % (wanted, taken, _dotted(old), _dotted(new))

    def as_json(self):
        enough, sentence = self.verdict()
        return {'old': self.old.name, 'new': self.new.name, 'added': self.added, 'removed': self.removed,
                'renamed': [{'old': old, 'new': new} for old, new in self.renamed],
                'changed': {name: [change.as_json() for change in changes] for name, changes in self.changed.items()},
                'transitions': self.transitions and [{'kind': kind, 'transition': text}
                                                     for kind, text in self.transitions],
                'step': self.step, 'reasons': self.reasons(), 'enough': enough, 'verdict': sentence}


class Change(object):
    """One key of a stage: dotted key, value before and after; ABSENT where there is none."""

    def __init__(self, key, before, after):
        self.key, self.before, self.after = key, before, after

    @property
    def is_other_script(self):
        return self.key == 'script' and classify(self.before).name != classify(self.after).name

    @property
    def kind(self):
        return 'added' if self.before is ABSENT else 'removed' if self.after is ABSENT else 'changed'

    def as_json(self):
        parts = {'key': self.key, 'kind': self.kind}
        if self.before is not ABSENT:
            parts['old'] = self.before
        if self.after is not ABSENT:
            parts['new'] = self.after
        return parts


def step_between(old, new):
    """The step from one (major, minor, patch) to another; `none` for the same, None when it goes back."""
    if new <= old:
        return NONE if new == old else None
    return next(step for step, before, after in zip(STEPS, old, new) if before != after)


def _documents(regimen):
    return OrderedDict((name, stage.document) for name, stage in regimen.stages.items())


def _stage_changes(before, after, renamed):
    before, after = _flat(before), _flat(after)
    for key in sorted(set(before) | set(after)):
        if key == ('name',) or renamed and key == ('parameters', 'stage'):
            continue
        left, right = before.get(key, ABSENT), after.get(key, ABSENT)
        if key == ('script_md5',) and _asserts_nothing(before) and _asserts_nothing(after):
            continue  # a placeholder repeats the script's text, and that is told already
        if left is ABSENT or right is ABSENT or _canonical(left) != _canonical(right):
            yield Change('.'.join(key), left, right)


def _asserts_nothing(flat):
    try:
        return expected_md5(flat.get(('script',)), flat.get(('script_md5',))) is None
    except (WrongBytes, TypeError):
        return False


def _flat(value, path=()):
    """{path: leaf}; lists are leaves, because their items have no names."""
    if not isinstance(value, dict) or not value and path:
        return {path: value}
    flat = {}
    for key, item in value.items():
        flat.update(_flat(item, path + (key,)))
    return flat


def _canonical(value):
    """Text that is equal for equal values: 1 and 1.0 are the same amount, true and 1 are not."""
    if isinstance(value, float) and value == int(value):
        value = int(value)
    if isinstance(value, list):
        return '[%s]' % ','.join(_canonical(item) for item in value)
    return json.dumps(value, sort_keys=True)


def _renamed(before, after, removed, added):
    """[(old name, new name)] of stages that went and came with the same content, the surest pairs first."""
    pairs = []
    for old in removed:
        for new in added:
            equal = _likeness(before[old], after[new])
            if equal >= ALIKE:
                pairs.append((equal + SequenceMatcher(None, old, new).ratio(), old, new))
    found, taken = [], set()
    for _, old, new in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if old not in taken and ('new', new) not in taken:
            found.append((old, new))
            taken.update([old, ('new', new)])
    return sorted(found, key=lambda pair: removed.index(pair[0]))


def _likeness(before, after):
    """Share of equal parameters of two stages, 0 when their scripts differ, or their names much and anything else."""
    if classify(before.get('script')).name != classify(after.get('script')).name:
        return 0
    left, right = _flat(before.get('parameters') or {}), _flat(after.get('parameters') or {})
    left.pop(('stage',), None)
    right.pop(('stage',), None)
    keys = set(left) | set(right)
    same = sum(1 for key in keys if key in left and key in right and _canonical(left[key]) == _canonical(right[key]))
    if keys and same == len(keys):
        return 1.0
    alike = SequenceMatcher(None, before['name'], after['name']).ratio()
    return (same / float(len(keys)) if keys else 1.0) if alike >= 0.5 else 0


# ------------------------------------------------------------------------------------------------ transitions

def _transition_changes(old, new, renamed):
    """Transitions by their ends: an old end that was only renamed is the same end."""
    before, after = _transitions(old, renamed), _transitions(new, {})
    changes = []
    for ends in [ends for ends in before if ends not in after]:
        changes += [('removed', _transition_text(ends, ways)) for ways in before[ends]]
    for ends, ways in after.items():
        if ends not in before:
            changes += [('added', _transition_text(ends, way)) for way in ways]
        elif sorted(ways) != sorted(before[ends]):
            changes.append(('changed', '%s (was: %s)' % (_transition_text(ends, ways[0]), _way_text(before[ends][0]))))
    if not changes and _order(old, renamed) != _order(new, {}):
        changes.append(('changed', 'the order in which the transitions of a stage are tried'))
    return changes


def _transitions(regimen, renamed):
    found = OrderedDict()
    for item in regimen.transitions:
        ends = tuple(end_of_transition(item, key) for key in ('trigger', 'source', 'dest'))
        ends = ends[:1] + tuple(renamed.get(name, name) for name in ends[1:])
        way = tuple(tuple(sorted(_names(item.get(key)))) for key in ('conditions', 'unless'))
        found.setdefault(ends, []).append(way)
    return found


def _order(regimen, renamed):
    order = {}
    for trigger, source, dest in _transitions(regimen, renamed):
        order.setdefault((trigger, source), []).append(dest)
    return order


def _names(value):
    return ['%s' % name for name in value] if isinstance(value, list) else [] if value is None else ['%s' % value]


def _transition_text(ends, way):
    text = '%s: %s -> %s' % ends
    return '%s, %s' % (text, _way_text(way)) if any(way) else text


def _way_text(way):
    conditions, unless = way
    parts = ['if ' + ' and '.join(conditions)] * bool(conditions) + ['unless ' + ' or '.join(unless)] * bool(unless)
    return ', '.join(parts) or 'without conditions'


def _some(reasons):
    return '; '.join(reasons[:3]) + ('; and %d more' % (len(reasons) - 3) if len(reasons) > 3 else '')


def _dotted(name):
    return '.'.join('%d' % part for part in name.version)
