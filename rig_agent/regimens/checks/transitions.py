"""The transitions: that they lead from stage to stage, can be taken, and reach every stage."""
from __future__ import absolute_import, unicode_literals

from collections import OrderedDict

from rig_agent.base.nearest import alike, nearest
from rig_agent.regimens.problems import also_in_lines
from rig_agent.regimens.reading import raw_text
from rig_agent.regimens.syntax import MISSING

TRIGGERS = ('progress', 'manual', 'handoff')
LIKE = 0.8  # likeness from which a name is taken for a misspelt one
KEYS = ('trigger', 'source', 'dest', 'conditions', 'unless')


class Transition(object):
    """One item of `transitions:`; source, dest, trigger as texts or None, conditions and unless as lists of names."""

    def __init__(self, node, values):
        self.node = node
        self.entries = values.entries(node)
        self.trigger, self.source, self.dest = (self._text(key) for key in ('trigger', 'source', 'dest'))
        self.conditions, self.unless = self._names('conditions'), self._names('unless')

    def _text(self, key):
        return raw_text(self.entries[key].value) if key in self.entries else None

    def _names(self, key):
        if key not in self.entries:
            return []
        node = self.entries[key].value.target()
        items = node.items if node.kind == 'sequence' else [node]
        return [name for name in (raw_text(item) for item in items) if name is not None]

    def missing(self, key):
        return key in self.entries and self.entries[key].value.target().tag == MISSING

    @property
    def same_as(self):
        return self.trigger, self.source, self.dest, frozenset(self.conditions), frozenset(self.unless)


def check_transitions(document):
    """Findings: bad-transition, dangling, contradiction, unreached, shadowed, duplicates, unknown triggers."""
    if document.transitions is None or document.transitions.kind != 'sequence':
        return
    transitions = []
    for node in document.transitions.items:
        if node.target().kind == 'mapping':
            transitions.append(Transition(node.target(), document.values))
        elif node.target().tag != MISSING:
            document.add('bad-transition', node,
                         'A transition has `trigger:`, `source:` and `dest:`, but here is only a value',
                         'Write the three as keys below one dash.')
    for transition in transitions:
        _check_one(document, transition)
    if document.stages:  # without stages every one of them would lead to nowhere
        _check_ends(document, transitions)
        _check_order(document, transitions)
        _check_reach(document, transitions)


def _check_one(document, transition):
    told = set()
    for key in ('trigger', 'source', 'dest'):
        if getattr(transition, key) is not None or transition.missing(key):
            continue
        if key in transition.entries:
            node = transition.entries[key].value
            kind, advice = (('a list', 'Write a transition of its own for each.')
                            if node.target().kind == 'sequence' else ('a map', 'Write the name.'))
            document.add('bad-transition', node, '`%s:` of a transition is %s, it takes one name' % (key, kind), advice)
        else:
            near = alike(key, [name for name in transition.entries if name not in KEYS])
            told.update(near[:1])
            document.add('bad-transition', transition.node, 'This transition has no `%s:`' % key,
                         'Is `%s` meant to be `%s`?' % (near[0], key) if near else 'Add it below the dash.')
    for key, entry in transition.entries.items():
        if key not in KEYS and key not in told:
            near = [name for name in alike(key, KEYS) if name not in transition.entries]
            document.add('unknown-key', entry.key, 'Nothing reads the key `%s` of a transition' % key,
                         'Is it meant to be `%s`?' % near[0] if near else 'Delete it. Known are %s.' % ', '.join(KEYS))
    if transition.trigger is not None and transition.trigger not in TRIGGERS:
        near = nearest(transition.trigger, TRIGGERS)
        document.add('unknown-trigger', transition.entries['trigger'].value,
                     'There is no trigger `%s`' % transition.trigger,
                     'Did you mean `%s`?' % near[0] if near else 'Known are %s.' % ', '.join(TRIGGERS))
    for name in transition.conditions:
        if name in transition.unless:
            document.add('contradiction', transition.node,
                         '`%s` stands under `conditions:` and under `unless:`, so this transition is never taken'
                         % name, 'Delete it in one of the two.')


def _check_ends(document, transitions):
    """Each stage that does not exist once, where it is named first, with the lines that name it again."""
    if not document.sure:
        return
    named = OrderedDict()
    for transition in transitions:
        for key in ('source', 'dest'):
            name = getattr(transition, key)
            if name is not None and name not in document.stages and not transition.missing(key):
                named.setdefault(name, []).append((key, transition.entries[key].value))
    for name, places in named.items():
        key, node = places[0]
        again = also_in_lines(sorted(set(other.line for _, other in places[1:])))
        document.add('dangling', node, 'There is no stage `%s`, which a transition %s'
                     % (name, 'starts from' if key == 'source' else 'leads to'),
                     _where_it_may_be(document, name) + again)


def _where_it_may_be(document, name):
    if name in document.top:
        return 'It stands in line %d, but not below `stages:`: indent it.' % document.top[name].key.line
    near = nearest(name, document.stages, likeness=LIKE)
    return 'Did you mean `%s`?' % near[0] if near else 'Add the stage, or correct or delete the transition.'


def _check_order(document, transitions):
    seen, open_ways = {}, {}
    for transition in transitions:
        if None in (transition.source, transition.dest, transition.trigger):
            continue
        line = seen.setdefault(transition.same_as, transition.node.line)
        if line != transition.node.line:
            document.add('duplicate-transition', transition.node, 'This transition stands in line %d already' % line,
                         'Delete one of the two.')
            continue
        if transition.trigger != 'progress':
            continue
        way = open_ways.get(transition.source)
        if way is not None:
            document.add('shadowed-transition', transition.node,
                         'This transition is never taken: from `%s` the one to `%s` in line %d is always taken '
                         'before' % (transition.source, way.dest, way.node.line),
                         'Give that one a condition, or put it last.')
        elif not transition.conditions and not transition.unless:
            open_ways[transition.source] = transition
        else:
            _check_ambiguous(document, transition, seen)


def _check_ambiguous(document, transition, seen):
    key = ('ways', transition.source) + transition.same_as[3:]
    line, dest = seen.setdefault(key, (transition.node.line, transition.dest))
    if dest != transition.dest:
        document.add('shadowed-transition', transition.node,
                     'This transition is never taken: the one to `%s` in line %d has the same conditions'
                     % (dest, line),
                     'Give one of the two another condition.')


def _meant(name, stages):
    """The stage of this name, or the one that it misspells, which is told already; None when there is none."""
    if name is None or name in stages:
        return name
    return next(iter(alike(name, stages, 1, LIKE)), None)


def _check_reach(document, transitions):
    """Stages that no transition leads to, the first one of the file and those that a regimen begins with aside."""
    if len(document.stages) < 2 or not transitions or not document.sure:
        return
    ways = OrderedDict((name, []) for name in document.stages)
    reached, leaving = set(), set()
    for transition in transitions:
        source, dest = _meant(transition.source, ways), _meant(transition.dest, ways)
        if source is not None and source != dest:
            leaving.add(source)
        if source is not None and dest is not None and source != dest:
            ways[source].append(dest)
            reached.add(dest)
    first = next((name for name in ways if name in leaving), next(iter(ways)))
    anywhere = any(transition.dest is None for transition in transitions)  # what lacks its dest was to lead somewhere
    found, waiting = set(), [first] + [name for name in ways if name not in reached and (anywhere or name in leaving)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(ways[name])
    for name in ways:
        if name not in found:
            document.add('unreached', document.stages[name].key, 'No transition leads to the stage `%s`' % name,
                         'Add one, or delete the stage. A person can still set a mouse to it.', stage=name)
