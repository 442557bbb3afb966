"""Many sessions on one page: failures first, then how they ended by day, rig, stage and mouse."""
from __future__ import absolute_import, unicode_literals

from collections import Counter, OrderedDict

from rig_agent.base.units import format_duration
from rig_agent.reports import material, plots
from rig_agent.reports.markup import advised, badge, document, join, name, section, sign, table, tag
from rig_agent.sessions import record

MOST_ROWS = 500
LONGEST_REASON = 200
LEGEND = ("Days and times are those of the rig's clock. In the bars: white completed, grey stopped or running, "
          'black did not end well.')


def make(records, title, known=(), address=None):
    """The page as bytes. records: of sessions. address: record -> the relative address of its page, or None."""
    records = sorted((_few(values, known) for values in records), key=lambda values: values['requested'], reverse=True)
    bad = [values for values in records if sign(values['outcome'])[1] == 'bad']
    counted = Counter(values['outcome'] for values in records)
    head = join([
        tag('h1', title),
        tag('p', join([join([badge(outcome), ' %d' % counted[outcome]])
                       for outcome in sorted(counted, key=lambda one: (sign(one)[1] != 'bad', one))], '  ')
            if records else 'No sessions.'),
        tag('p', LEGEND) if records else ''])
    parts = [section('Did not end well (%d)' % len(bad), _sessions(bad, address) if bad else tag('p', 'None.'))]
    if records:
        for label, key in (('day', 'day'), ('rig', 'rig'), ('stage', 'stage'), ('mouse', 'subject')):
            parts.append(section('By %s' % label, _grouped(records, label, key)))
        parts.append(section('All (%d)' % len(records), _sessions(records, address)))
    return document(title, head, *parts)


def counts(records):
    """JSON-ready: outcomes of sessions by day, rig, stage and mouse, and the sessions that did not end well."""
    records = [_few(values, ()) for values in records]
    found = OrderedDict([('sessions', len(records)), ('outcomes', dict(Counter(one['outcome'] for one in records)))])
    for label, key in (('days', 'day'), ('rigs', 'rig'), ('stages', 'stage'), ('mice', 'subject')):
        found[label] = {}
        for one in records:
            group = found[label].setdefault(one[key] or '-', {})
            group[one['outcome']] = group.get(one['outcome'], 0) + 1
    found['bad'] = [one for one in records if sign(one['outcome'])[1] == 'bad']
    return found


def _few(values, known):
    """What this page says of one session."""
    found = {
        'id': values['id'], 'folder': values['folder'], 'outcome': values['outcome'] or values['state'],
        'reason': values['reason'], 'requested': values['times']['requested'], 'local': record.local_time(values)[:16],
        'day': record.local_time(values)[:10],
        'duration_s': values['times']['duration_s'], 'rig': values['rig']['id'], 'stage': values['stage'],
        'subject': values['subject'], 'simulated': values['simulated']}
    if found['reason'] and known:
        found['reason'] = material.clean(found['reason'].encode('utf-8'), material.encoded(known)).decode('utf-8')
    return found


def _sessions(records, address):
    rows = []
    for values in records[:MOST_ROWS]:
        link = address(values) if address else None
        session = tag('span', values['id'][:8], class_='mono')
        reason = values['reason'] or ''
        rows.append((badge(values['outcome']), tag('a', session, href=link) if link else session,
                     values['local'],
                     join([name(values['stage']), ' (simulated)' if values['simulated'] else '']),
                     values['subject'] or '-', values['rig'], format_duration(values['duration_s']),
                     advised(reason if len(reason) <= LONGEST_REASON else reason[:LONGEST_REASON] + ' ...')))
    shown = table(('Outcome', 'Session', 'When', 'Stage', 'Mouse', 'Rig', 'Took', 'Why'), rows)
    more = len(records) - MOST_ROWS
    return join([shown, tag('p', '%d more are left out.' % more)]) if more > 0 else shown


def _grouped(records, label, key):
    groups = OrderedDict()
    for values in records:
        groups.setdefault(values[key] or '-', []).append(sign(values['outcome'])[1])
    if key != 'day':
        groups = OrderedDict(sorted(groups.items(), key=lambda pair: (-pair[1].count('bad'), pair[0])))
    rows = []
    for group, kinds in list(groups.items())[:MOST_ROWS]:
        good, bad = kinds.count('good'), kinds.count('bad')
        other = len(kinds) - good - bad
        rows.append((name(group), len(kinds), good, other, bad, plots.share(good, other, bad)))
    return table((label.capitalize(), 'Sessions', 'Completed', 'Stopped or running', 'Not well', ''), rows,
                 numbers=('Sessions', 'Completed', 'Stopped or running', 'Not well'))
