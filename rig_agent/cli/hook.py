"""`rig-agent hook`: the pre-commit hook of a repository that holds regimens."""
from __future__ import absolute_import, unicode_literals

import io
import os
import stat
import sys

import click

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, reason_of, run_bounded, to_text
from rig_agent.base.errors import CheckFailed, NotFound, Refused, RigAgentError, UsageError
from rig_agent.base.files import make_folder, write_atomically
from rig_agent.base.gitprocess import PATHS, find_git
from rig_agent.cli.context import Group, common_options, pass_context

MARK = '# rig-agent: the regimen hook'
SCRIPT = """#!/bin/sh
%s, written by `rig-agent hook install`; `git commit --no-verify` passes it by.
if [ -x "%s" ]; then
    exec "%s" -m rig_agent hook run
fi
exec rig-agent hook run
"""


@click.group(cls=Group)
@common_options
def hook():
    """Guard a repository of regimens: before each commit, staged regimens are checked.

    \b
    Example:  rig-agent hook install
    """


@hook.command()
@common_options
@pass_context
def install(context):
    """Install the pre-commit hook into the repository of the current folder.

    A hook that is there already is left alone.

    \b
    Example:  rig-agent hook install
    """
    path = _hook_path()
    python = to_text(sys.executable, FILE_SYSTEM_ENCODING).replace('\\', '/')
    present = _present(path)
    if present is not None and MARK not in present:
        raise Refused('There is a pre-commit hook already, and it was not written by rig-agent', where=path,
                      advice='Chain them: add this line to it, before any `exit`:\n'
                             '    "%s" -m rig_agent hook run || exit 1' % python)
    try:
        make_folder(os.path.dirname(path))
        write_atomically(path, (SCRIPT % (MARK, python, python)).encode('utf-8'))
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except EnvironmentError as error:
        raise UsageError('The hook cannot be written', where=path, found=reason_of(error))
    context.result({'hook': path, 'replaced': present is not None},
                   '%s %s' % ('Renewed' if present is not None else 'Installed', path))
    return 0


@hook.command()
@click.argument('files', nargs=-1, metavar='[FILE]...')
@click.option('--no-changelog', is_flag=True, help='Ask for no entry in CHANGELOG.md.')
@common_options
@pass_context
def run(context, files, no_changelog):
    """Check what is staged: the regimens, their names, lock files and change log entries.

    Without FILES every staged regimen. Exit code 1 when a commit must not be made.

    \b
    Example:  rig-agent hook run
    """
    from rig_agent.regimens.staged import Index
    index = Index()
    staged = [_named(index, name) for name in files] or [(path, index.staged(path)) for path in index.regimens()]
    reports = [_looked_at(index, path, content, no_changelog) for path, content in staged if content is not None]
    failed = [report for report in reports if report['problems']]
    context.result({'regimens': reports}, '\n'.join(_lines(reports)) or 'No regimen is staged.') \
        if context.json or reports else context.detail('No regimen is staged.')
    if failed:
        context.complain(CheckFailed('The commit is held back', where=', '.join(report['path'] for report in failed),
                                     advice='Correct what is said above, `git add` it, and commit again.'))
    return 1 if failed else 0


def _named(index, name):
    """(path in the index, bytes) of a file that a person names. Raises NotFound where it is not there."""
    path = index.from_top(name)
    content = index.staged(path)
    if content is None:
        raise NotFound('git is about to commit no such file', where=os.path.abspath(name),
                       advice='Correct the name, or stage it: git add %s' % name)
    return path, content


def _looked_at(index, path, content, no_changelog):
    """{path, name, problems, warnings} of one staged regimen."""
    from rig_agent.regimens.staged import log_flaw, name_flaws
    from rig_agent.regimens.validation import validate
    report = validate(content, path)
    problems = [_sentence(path, finding) for finding in report.findings if finding.severity == 'error']
    problems += ['%s: %s' % (path, sentence) for sentence in name_flaws(index, path, content)]
    before = index.committed(path)
    if report.name and not no_changelog and before != content:
        flaw = log_flaw(index, path, report.name)
        problems += ['%s: %s' % (path, flaw)] if flaw else []
    problems += ['%s: %s' % (path, sentence) for sentence in _lock_flaws(index, path, content)]
    return {'path': path, 'name': report.name, 'problems': problems,
            'warnings': [_sentence(path, finding) for finding in report.findings if finding.severity == 'warning']}


def _lock_flaws(index, path, content):
    """What the staged lock file beside the regimen has otherwise; a regimen without one is not asked for one."""
    from rig_agent.regimens.reading import read
    from rig_agent.regimens.staged import LOCK_FILE
    folder = path.rpartition('/')[0]
    place = folder + '/' + LOCK_FILE if folder else LOCK_FILE
    locked = index.staged(place)
    if locked is None:
        return []
    from rig_agent.scripts import lockfile
    try:
        flaws = lockfile.parse(locked, place).behind(read(content, path))
    except NotFound as error:
        return ['%s: %s' % (place, error.what)] if error.where == place else []  # the regimen's own are told already
    return ['%s is behind: %s. Run `rig-agent lock` and stage it.' % (place, flaw) for flaw in flaws]


def _sentence(path, finding):
    text = '%s:%d:%d: %s [%s]' % (path, finding.line, finding.column, finding.what, finding.code)
    return text + ('\n    to do: %s' % finding.advice if finding.advice else '')


def _lines(reports):
    for report in reports:
        for warning in report['warnings']:
            yield 'warning: ' + warning
        for problem in report['problems']:
            yield problem
        if not report['problems']:
            yield '%s: %s may be committed.' % (report['path'], report['name'] or 'it')


def _hook_path():
    """Where git looks for the hook, also in worktrees and with core.hooksPath. Raises UsageError outside of git."""
    try:
        code, out, said = run_bounded([find_git(), 'rev-parse', '--git-path', 'hooks/pre-commit'], 20)
    except OSError as error:
        raise RigAgentError('git cannot be started', found=reason_of(error))
    if code:
        raise UsageError('There is no git repository here', where=os.path.abspath('.'),
                         found=to_text(said).strip() or None)
    return os.path.abspath(to_text(out, PATHS).strip())


def _present(path):
    try:
        with io.open(path, 'rb') as stream:
            return to_text(stream.read())
    except EnvironmentError:
        return None
