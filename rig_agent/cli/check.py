"""`rig-agent check`: are the scripts of this rig the repository's?"""
from __future__ import absolute_import, unicode_literals

import os
import re
import time
from collections import Counter

import click

from rig_agent.base import files, units
from rig_agent.base.compat import reason_of
from rig_agent.base.errors import CheckFailed, Refused
from rig_agent.base.masking import mask
from rig_agent.cli import opening
from rig_agent.cli.context import common_options, pass_context
from rig_agent.scripts import bundled_scripts, comparison, lockfile
from rig_agent.scripts.cache import Cache
from rig_agent.scripts.places import ScriptsRepository
from rig_agent.scripts.script import NAMES


@click.command()
@click.option('--dir', 'directories', metavar='DIR', multiple=True,
              help='Look at this directory instead of the cache and the configured ones; can be repeated.')
@click.option('--fix', is_flag=True, help="Install the repository's bytes; what they replace is kept.")
@click.option('--diff', 'with_diff', is_flag=True, help='Show what was changed in modified scripts.')
@click.option('--strict', is_flag=True, help='Extra scripts count as drift too.')
@common_options
@pass_context
def check(context, directories, fix, with_diff, strict):
    """Compare the scripts of this rig with the repository's, byte for byte; exit 1 when they drifted.

    Each is the same, or has other line endings, is outdated (and by how many changes), modified, missing, or extra.
    What a lock file beside the regimen, or a regimen in the cache, asserts is what has to be there.

    \b
    rig-agent check
    rig-agent check --dir C:/ProgramData/StimulusFiles/dev --diff
    rig-agent check --fix
    """
    store = Cache(context.configuration['cache'], say=context.warn)
    repository = ScriptsRepository(context.configuration, store.folder, context.offline, context.warn)
    repository.update()
    commit, listed = repository.listing()
    standards = _standards(context, commit, listed)
    looked_at = []
    for directory, own, expected in _places(context, store, directories, standards):
        compared = comparison.compare(directory, dict(standards, **own), repository, expected, commit)
        fixed = _fix(store, compared, dict(standards, **own), repository) if fix else []
        looked_at.append((directory, compared, dict((item.name, kept) for item, kept in fixed)))
    drifted = any(item.state in comparison.DRIFT and item.name not in fixed or strict and item.state == comparison.EXTRA
                  for _, compared, fixed in looked_at for item in compared)
    _show(context, repository, commit, looked_at, drifted, with_diff)
    return CheckFailed.exit_code if drifted else 0


def _standards(context, commit, listed):
    """{name: Standard} of every script: the lock file's, else the repository's, else the bundled one."""
    standards = {name: _standard_of(bundled_scripts.read(name)) for name in bundled_scripts.names()}
    standards.update({name: comparison.Standard(md5, blob, commit) for name, (blob, md5) in listed.items()})
    lock = _lock(context)
    standards.update({name: comparison.Standard(entry['md5'], None, entry.get('commit'))
                      for name, entry in (lock.scripts if lock else {}).items()
                      if entry.get('kind') in NAMES and ' #' not in name})  # one file has one of a script's md5s
    return standards


def _lock(context):
    """The lock file that `run` would hold to: of the regimen that is named, else the one here; None without one."""
    if context.regimen_name is None:
        return lockfile.beside('.')
    source, _ = opening.open_regimen(context)
    return lockfile.of_source(source, context.configuration, context.offline)


def _standard_of(content, commit=None):
    return comparison.Standard(files.md5_of_bytes(content), None, commit, content)


def _places(context, store, directories, standards):
    """(directory, Standards of its own, names that have to be there) of every directory that is looked at."""
    if not directories:
        installed, own = set(), {}
        for name, entry in store.manifest().items():
            if entry.get('kind') in NAMES:
                installed.add(name)
                content = store.read(entry['md5']) if entry.get('asserted') else None
                if content is not None:  # a regimen asserts it: this, not the newest, has to be there
                    own[name] = _standard_of(content, entry.get('commit'))
        if os.path.isdir(os.path.join(store.folder, 'v2')):
            yield os.path.join(store.folder, 'v2'), own, installed
    in_repository = {name for name, standard in standards.items() if standard.commit}
    for directory in directories or context.configuration['scripts.directories']:
        yield os.path.abspath(directory), {}, in_repository


def _fix(store, compared, standards, repository):
    try:
        return comparison.fix(compared, standards, repository, store.keep)
    except EnvironmentError as error:
        raise Refused('A script cannot be written', where=error.filename, found=reason_of(error),
                      advice='Make its directory writable for this account.')


# ------------------------------------------------------------------------------------------------ shown

def _show(context, repository, commit, looked_at, drifted, with_diff):
    fetched_at = repository.clone.fetched_at
    age = max(0.0, time.time() - units.parse_utc(fetched_at)) if fetched_at else None
    if repository.failure is not None:
        context.warn('the repository was not fetched (%s); its copy here is %s' % (
            repository.failure.found or repository.failure.what,
            'of an unknown age' if age is None else units.format_duration(age) + ' old'))
    document = {'repository': mask(repository.url), 'ref': repository.ref, 'commit': commit, 'fetched_at': fetched_at,
                'age': age, 'fetched': repository.failure is None, 'drift': drifted, 'directories': []}
    lines = ['%s, %s at commit %s' % (mask(repository.url), repository.ref, commit[:12])]
    for directory, compared, fixed in looked_at:
        counts = Counter(item.state for item in compared)
        document['directories'].append({
            'directory': directory, 'counts': {state: counts[state] for state in comparison.STATES},
            'scripts': [_row(item, fixed, with_diff) for item in compared]})
        lines.append('%s: %s' % (directory, ', '.join('%d %s' % (counts[state], state) for state in comparison.STATES
                                                      if counts[state]) or 'no scripts'))
        lines.extend(_lines(compared, fixed, with_diff))
    if not looked_at:
        lines.append('No directory to look at: name one with --dir, or `scripts: directories:` in the configuration.')
    context.result(document, '\n'.join(lines))


def _row(item, fixed, with_diff):
    row = item.as_json()
    row.update(fixed=item.name in fixed, replaced_kept_as=fixed.get(item.name))
    if with_diff and item.state == comparison.MODIFIED:
        row['diff'] = comparison.unified_diff(item)
    return row


def _lines(compared, fixed, with_diff):
    for item in compared:
        if item.state == comparison.SAME:
            continue
        yield '  %-20s %s%s' % (item.state, _printable(item.name), _about(item))
        if item.name in fixed:
            yield '  %-20s %s' % ('', 'now as in the repository' + (
                '; what was there is kept as %s' % fixed[item.name] if fixed[item.name] else ''))
        if with_diff and item.state == comparison.MODIFIED:
            yield comparison.unified_diff(item)


def _printable(name):
    """A name that a stranger may have chosen, with nothing in it that moves a terminal's cursor."""
    return re.sub(r'[\x00-\x1f\x7f-\x9f]', lambda match: '\\x%02x' % ord(match.group()), name)


def _about(item):
    at = 'commit %s%s' % (item.commit[:12], ' of %s' % item.date[:10] if item.date else '') if item.commit else ''
    about = []
    if item.state in (comparison.OUTDATED, comparison.NEWER):
        count = abs(item.behind)
        about.append('%s, %d change%s %s' % (at, count, '' if count == 1 else 's',
                                             'behind' if item.state == comparison.OUTDATED else 'ahead'))
    elif item.state == comparison.MODIFIED:
        about.append('never in the repository%s' % ('; nearest is %s' % at if item.date else ''))
    if item.note:
        about.append(item.note)
    return '  (%s)' % '; '.join(about) if about else ''
