"""The parameters of the stages, compared with each other: names, types, amounts."""
from __future__ import absolute_import, unicode_literals

import re
from collections import Counter, OrderedDict, defaultdict, namedtuple
from difflib import SequenceMatcher

from rig_agent.base.compat import text_type
from rig_agent.regimens.syntax import MISSING

# Parameters of public camstim scripts that say how long a session is, how much water it gives, what it starts.
KNOWN = ('abort_on_early_response', 'auto_reward_delay', 'auto_reward_vol', 'behavior_script', 'catch_frequency',
         'change_flashes_max', 'change_flashes_min', 'change_time_dist', 'change_time_scale', 'end_after_response',
         'end_after_response_sec', 'failure_repeats', 'flash_omit_probability', 'free_reward_trials',
         'GHTaskScriptParams', 'lick_disable_intervals', 'mapping_script', 'max_mapping_duration_min',
         'max_task_duration_min', 'min_no_lick_time', 'monitor_name', 'mtrain_translator', 'opto_script',
         'output_dir', 'periodic_flash', 'pre_change_time', 'response_window', 'reward_volume',
         'start_stop_padding', 'stimulus_window', 'task_id', 'timeout_duration', 'volume_limit', 'warm_up_trials')
OPPOSITES = [frozenset(pair.split()) for pair in (
    'min max', 'pre post', 'left right', 'on off', 'start stop', 'start end', 'first last', 'x y', 'a b', 'up down',
    'in out', 'low high', 'width height', 'catch match', 'row col', 'mean median', 'hit miss', 'before after',
    'prologue epilogue')]
SMALLEST_GROUP = 3
LARGEST_VOLUME = 0.1   # mL of one reward; the lab's lie between 0.003 and 0.010
LARGEST_LIMIT = 10.0   # mL in a session
LONGEST = 24 * 60.0    # minutes


def check_parameters(document):
    """Findings about parameters of each stage, and of stages with the same script beside each other."""
    flat = _Flat(document.values)
    groups = OrderedDict()
    for stage in document.stages.values():
        if stage.parameters is None:
            continue
        entries = document.values.entries(stage.parameters)
        _check_stage_parameter(document, stage, entries)
        for name in ('mouse_id', 'user_id'):
            if name in entries:
                document.add('agent-parameter', entries[name].key,
                             '`%s` stands in the parameters, but the agent adds it' % name,
                             'Delete it: it differs from session to session.', stage=stage.name)
        if stage.script_text is not None:
            groups.setdefault(stage.script_text, []).append((stage, flat.rows(stage.parameters)))
    for stages in groups.values():
        users = _users(stages)
        misspelt = _check_names(document, users)
        if len(stages) >= SMALLEST_GROUP:
            _check_types(document, users)
            _check_missing(document, stages, misspelt)
    _check_amounts(document)


# kind: of the value, in words. key, value: Nodes. merged: whether a merge key brings it.
Row = namedtuple('Row', 'kind key value merged')


class _Flat(object):
    """Parameters as {dotted key: Row}; what anchors share is walked once."""

    def __init__(self, values):
        self.values = values
        self.known = {}

    def rows(self, mapping):
        if id(mapping) not in self.known:
            rows = {}
            for name, entry in self.values.entries(mapping).items():
                target = entry.value.target()
                rows[(name,)] = Row(self.kind(target), entry.key, entry.value, bool(entry.via))
                if target.kind == 'mapping':
                    for path, row in self.rows(target).items():
                        rows[(name,) + path] = row
            self.known[id(mapping)] = rows
        return self.known[id(mapping)]

    def kind(self, target):
        if target.kind != 'scalar':
            return 'a list' if target.kind == 'sequence' else 'keys of its own'
        if target.tag == MISSING:
            return None
        if not target.plain and target.tag is None:
            return 'a text'
        value = self.values.value(target)
        if value is None:
            return None
        if isinstance(value, bool):
            return 'yes or no'
        return 'a text' if isinstance(value, text_type) else 'a number'


def _check_stage_parameter(document, stage, entries):
    if 'stage' not in entries:
        return
    node = entries['stage'].value
    value = document.values.value(node)
    if node.target().tag != MISSING and value != stage.name:
        written = node.target().text if node.target().kind == 'scalar' else 'a list'
        shown = value if isinstance(value, text_type) else written
        near = shown in document.stages
        document.add('stage-mismatch', node,
                     'The stage `%s` calls itself `%s` in `parameters.stage`' % (stage.name, shown),
                     'Write `stage: %s`: data are filed under that name.%s'
                     % (stage.name, ' `%s` is another stage of this regimen.' % shown if near else ''),
                     stage=stage.name, key='parameters.stage')


def _users(stages):
    """path of keys -> [(stage, row)] over stages with the same script."""
    users = defaultdict(list)
    for stage, rows in stages:
        for path, row in rows.items():
            users[path].append((stage, row))
    return users


def _check_types(document, users):
    for path in sorted(users):
        found = users[path]
        kinds = set(row.kind for _, row in found)
        kinds.discard(None)
        if len(kinds) < 2:
            continue
        counts = Counter(row.kind for _, row in found if row.kind is not None)
        (usual, most), = counts.most_common(1)
        if any(row.kind == usual and document.is_told(row.value) for _, row in found):
            continue  # what is usual is wrong itself
        for stage, (kind, _, value, _) in found:
            if kind not in (None, usual) and counts[kind] * 3 <= most and not document.is_told(value):
                document.add('type-differs', value, '`%s` is %s here, but %s in %d other stages of the same script'
                             % ('.'.join(path), kind, usual, most), 'Is it meant to be the same?', stage=stage.name,
                             key='parameters.' + '.'.join(path))


def _check_missing(document, stages, misspelt):
    """A top-level parameter that all stages of a script have but one, which does not have it misspelt either."""
    if len(stages) < SMALLEST_GROUP + 1:
        return
    usual = None
    for _, rows in stages:
        names = set(path[0].strip('"\'') for path in rows)
        usual = Counter(names) if usual is None else usual + Counter(names)
    nearly = [name for name, count in usual.items() if count == len(stages) - 1]
    for stage, rows in stages:
        missing = [name for name in nearly if (stage.name, name) not in misspelt
                   and not any((text % name,) in rows for text in ('%s', '%s"', "%s'"))]
        if missing and document.sure and len(missing) <= 3:
            document.add('missing-key', stage.key,
                         'The stage `%s` has no %s, which the %d other stages of its script have'
                         % (stage.name, ' and no '.join(('`%s`' % name for name in sorted(missing))),
                            len(stages) - 1),
                         "Add it to its parameters, unless the script's default is meant.", stage=stage.name)


# ------------------------------------------------------------------------------------------------ misspelt names

def _check_names(document, users):
    """Misspelt keys; returned as {(name of the stage, the key of its parameters that is meant)}."""
    by_parent, misspelt = {}, set()
    for path in users:
        by_parent.setdefault(path[:-1], []).append(path[-1])
    for parent, names in sorted(by_parent.items()):
        for name in sorted(names):
            if len(name) < 4 or (parent == () and name in KNOWN) or re.search('["\']', name):
                continue
            meant = _meant(users, parent, name, names)
            if meant:
                for stage, row in users[parent + (name,)]:
                    misspelt.update([(stage.name, meant)] if parent == () else ())
                    document.add('misspelt-key', row.key, 'The key `%s` looks like `%s`' % (name, meant),
                                 'The script knows a parameter by its very name only. Is `%s` meant?' % meant,
                                 stage=stage.name, key='.'.join(('parameters',) + parent + (name,)))
    return misspelt


def _meant(users, parent, name, names):
    """The usual key that a rare one was most likely meant to be, or None.

    No stage writes both; one that takes the usual key over with a merge wanted to write another value for it.
    """
    mine = set(stage.name for stage, _ in users[parent + (name,)])
    mine_merged = set(stage.name for stage, row in users[parent + (name,)] if row.merged)
    for other in sorted(names, key=lambda other: -len(users[parent + (other,)])):
        if other == name or not alike(name, other):
            continue
        theirs = set(stage.name for stage, _ in users[parent + (other,)])
        written = set(stage.name for stage, row in users[parent + (other,)] if not row.merged)
        if not mine & written and not mine_merged & theirs and len(theirs) >= max(2, 2 * len(mine)):
            return other
    if parent == ():
        for other in KNOWN:
            if other not in names and alike(name, other, 0.9):
                return other
    return None


def alike(one, other, enough=0.82):
    """Whether one name may be the other, misspelt: not `min` and `max`, not `image_1` and `image_2`."""
    if _plain(one) == _plain(other):
        return True
    if re.sub(r'\d+', '#', one) == re.sub(r'\d+', '#', other):
        return False
    ones, others = one.lower().split('_'), other.lower().split('_')
    if len(ones) == len(others):
        differing = [pair for pair in zip(ones, others) if pair[0] != pair[1]]
        return all(_words_alike(first, second) for first, second in differing) and len(differing) == 1
    likeness = SequenceMatcher(None, one.lower(), other.lower()).ratio()
    return min(len(one), len(other)) >= 8 and likeness >= max(enough, 0.93)


def _plain(name):
    return re.sub(r'[_\- ]', '', name).lower().rstrip('s')


def _words_alike(first, second):
    if frozenset((first, second)) in OPPOSITES or re.search(r'\d', first + second):
        return False
    if _one_slip(first, second):
        return min(len(first), len(second)) > 1
    if min(len(first), len(second)) < 4:
        return False
    return first[0] == second[0] and SequenceMatcher(None, first, second).ratio() >= 0.8 \
        and not (first.startswith(second) and len(first) - len(second) > 2) \
        and not (second.startswith(first) and len(second) - len(first) > 2)


def _one_slip(first, second):
    """Whether one letter is lost, or two neighbours are swapped."""
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) == len(longer):
        return any(shorter == longer[:place] + longer[place + 1] + longer[place] + longer[place + 2:]
                   for place in range(len(longer) - 1)) and first != second
    return any(shorter == longer[:place] + longer[place + 1:] for place in range(len(longer)))


# ------------------------------------------------------------------------------------------------ amounts

def _check_amounts(document):
    """Amounts as they are written, each once: windows from end to beginning, rewards by the spoon, days for minutes."""
    for path, key, node in document.written():
        name = path[-1]
        if node.kind == 'scalar' and node.plain and key.target().kind == 'scalar' and name == key.target().text:
            _check_amount(document, node, name, path)
        elif node.kind == 'sequence' and len(node.items) == 2 and name.endswith(('_window', '_range', 'randrange')):
            first, second = (document.values.value(item) for item in node.items)
            if _is_number(first) and _is_number(second) and first > second:
                document.add('reversed-range', node, '`%s` begins at %s and ends before, at %s' % (name, first, second),
                             'Write the smaller number first.', key='.'.join(path))
        elif node.kind == 'mapping':
            _check_min_max(document, node, path)


def _check_amount(document, node, name, path):
    value = document.values.value(node)
    if not _is_number(value) or value != value:
        return
    odd = None
    if name in ('reward_volume', 'auto_reward_vol', 'reward_vol') and not 0 <= value <= LARGEST_VOLUME:
        odd = 'a reward is in mL, and the usual ones are near 0.005'
    elif name == 'volume_limit' and not 0 < value <= LARGEST_LIMIT:
        odd = 'it is in mL for a whole session'
    elif name in ('max_task_duration_min', 'max_mapping_duration_min') and not 0 <= value <= LONGEST:
        odd = 'it is in minutes'
    elif (name.endswith('probability') or name == 'catch_frequency') and not 0 <= value <= 1:
        odd = 'it lies between 0 and 1'
    elif name.endswith(('_dur', '_duration', '_padding')) and value < 0:
        odd = 'a duration is not negative'
    if odd:
        document.add('odd-amount', node, '`%s: %s` is far outside of what a session has: %s' % (name, node.text, odd),
                     'Is the unit right?', key='.'.join(path))


def _check_min_max(document, node, path):
    entries = document.values.entries(node)
    for name in entries:
        if name.endswith('_min') and name[:-4] + '_max' in entries:
            low = document.values.value(entries[name].value)
            high = document.values.value(entries[name[:-4] + '_max'].value)
            if _is_number(low) and _is_number(high) and low > high:
                document.add('reversed-range', entries[name].key, '`%s` is %s, more than `%s_max`, which is %s'
                             % (name, low, name[:-4], high), 'Exchange the two.', key='.'.join(path + (name,)))


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
