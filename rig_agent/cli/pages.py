"""The pages of `sessions show --html` and `sessions report`: written, named, opened on request."""
from __future__ import absolute_import, unicode_literals

import os
import webbrowser

from six.moves.urllib.parse import quote

from rig_agent.base.files import make_folder, write_atomically
from rig_agent.base.units import local_stamp
from rig_agent.cli.context import writing
from rig_agent.reports import overview, page
from rig_agent.sessions import listing


def show(context, folder, path, opened):
    """Write the page of one session."""
    with writing('The page', path or folder):
        written = page.write(folder, path)
    return _done(context, written, opened)


def report(context, since, until, html, path, opened):
    """How many sessions ended how: as text or JSON, or as a page."""
    configuration = context.configuration
    records = listing.list_sessions(configuration, since=since, until=until)
    counts = overview.counts(records)
    if not html:
        context.result(counts, '\n'.join(_lines(counts)) if records else 'No sessions.')
        return 0
    path = os.path.abspath(path or os.path.join(configuration['home'], 'reports', 'report_%s.html' % local_stamp()))
    addresses = {}
    for one in counts['bad']:
        if os.path.isdir(one['folder']):
            with writing('The page', one['folder']):
                addresses[one['id']] = page.write(one['folder'])
    title = 'Sessions of %s%s%s' % (configuration['rig.id'], ' since %s' % since if since else '',
                                    ' until %s' % until if until else '')
    with writing('The page', path):
        make_folder(os.path.dirname(path))
        write_atomically(path, overview.make(records, title, (),
                                             lambda values: _address(addresses.get(values['id']), path)))
    return _done(context, path, opened)


def _address(target, path):
    """The relative address of a session's page as seen from the report."""
    if target is None:
        return None
    try:
        relative = os.path.relpath(target, os.path.dirname(path))
    except ValueError:  # another drive
        return None
    return quote(relative.replace(os.sep, '/').encode('utf-8'))


def _lines(counts):
    yield '%d sessions: %s' % (counts['sessions'], ', '.join('%d %s' % (count, outcome) for outcome, count in
                                                             sorted(counts['outcomes'].items())) or 'none')
    for one in counts['bad']:
        yield '%-11s %s  %s  %-8s %s: %s' % (one['outcome'], one['id'][:8], one['local'],
                                             one['subject'] or '-', one['stage'], one['reason'])
    for label in ('days', 'rigs', 'stages', 'mice'):
        yield ''
        yield label
        for name, group in sorted(counts[label].items()):
            yield '  %-30s %s' % (name, ', '.join('%d %s' % (count, one) for one, count in sorted(group.items())))


def _url_of(path):
    """The URL of a file: `file:///tmp/x`, `file:///C:/x`, `file://server/share/x`."""
    path = path.replace('\\', '/')
    slashes = '' if path.startswith('//') else '//' if path.startswith('/') else '///'
    return 'file:' + slashes + quote(path.encode('utf-8'), safe=str('/:'))


def _done(context, path, opened):
    context.result({'page': path}, path)
    if opened and not webbrowser.open(_url_of(path)):
        context.warn('no browser could be opened; open the file by hand')
    return 0
