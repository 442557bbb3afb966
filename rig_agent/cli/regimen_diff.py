"""`rig-agent regimen diff`: two regimens compared by meaning, with the version step that the change asks for."""
from __future__ import absolute_import, unicode_literals

import json
import os
from collections import OrderedDict

import click

from rig_agent.base.masking import mask, mask_value
from rig_agent.cli.context import common_options, pass_context
from rig_agent.cli.opening import open_regimen
from rig_agent.regimens.differences import ABSENT, Difference


@click.command()
@click.argument('old', metavar='A')
@click.argument('new', metavar='B')
@common_options
@pass_context
def diff(context, old, new):
    """Compare the regimens A and B by meaning.

    A and B are paths, URLs, tags or other refs of the regimens repository (git:REF, or REF alone where there is no such
    file), or mtrain:NAME. Exit code 1 means that the name's version step is smaller than the change asks for.

    \b
    Example:  rig-agent regimen diff git:VisualBehavior_Task1A_v1.0.3 regimen.yml
    """
    (before_source, before), (after_source, after) = (_opened(context, name) for name in (old, new))
    told = 'mtrain' not in (before_source.kind, after_source.kind)
    difference = Difference(before, after, with_transitions=told)
    enough, verdict = difference.verdict()
    context.result(mask_value(difference.as_json()), '\n'.join(_lines(difference) + [verdict]))
    return 0 if enough else 1


def _opened(context, name):
    is_ref = not os.path.exists(name) and ':' not in name and not name.endswith(('.yml', '.yaml'))
    return open_regimen(context, 'git:' + name if is_ref else name)


def _lines(difference):
    lines = ['%s -> %s' % (difference.old.name or '(no name)', difference.new.name or '(no name)')]
    lines += ['  removed  %s' % name for name in difference.removed]
    lines += ['  added    %s' % name for name in difference.added]
    lines += ['  renamed  %s -> %s' % pair for pair in difference.renamed]
    for names, changes in _grouped(difference.changed):
        many = '' if len(names) == 1 else '%d stages: ' % len(names)
        lines.append('  changed  %s%s' % (many, ', '.join(names)))
        lines += ['           %s: %s -> %s' % (change.key, _shown(change.before), _shown(change.after))
                  for change in changes]
    if difference.transitions is None:
        lines.append('  mtrain does not tell transitions: not compared')
    lines += ['  transition %s  %s' % item for item in difference.transitions or ()]
    return lines


def _grouped(changed):
    """[([stages], [Change])]: what changed alike in several stages is told once, as an anchor changed it."""
    groups = OrderedDict()
    for name, changes in changed.items():
        alike = tuple((change.key, _shown(change.before), _shown(change.after)) for change in changes
                      if change.key != 'parameters.stage')
        groups.setdefault(alike, ([], changes))[0].append(name)
    return groups.values()


def _shown(value):
    if value is ABSENT:
        return '(absent)'
    text = mask(json.dumps(value, sort_keys=True, ensure_ascii=False))
    return text if len(text) <= 120 else text[:60] + '...' + text[-57:]
