"""What git is about to commit: staged regimens beside their last committed versions, change logs and lock files.

Reads the index that git names to its hook (`git commit -a` and `git commit FILE` use one of their own), never the
working tree: what is committed is what is checked.
"""
from __future__ import absolute_import, unicode_literals

import os
import re

from rig_agent.base.compat import TimedOut, reason_of, run_bounded, to_text
from rig_agent.base.errors import NotFound, Unreachable, UsageError
from rig_agent.base.gitprocess import PATHS, find_git
from rig_agent.regimens.differences import Difference
from rig_agent.regimens.reading import read

REGIMEN = re.compile(r'(?:^|/)[^/]*regimen[^/]*\.ya?ml$', re.IGNORECASE)
CHANGE_LOG = 'CHANGELOG.md'
LOCK_FILE = 'regimen.lock.json'
PATIENCE = 20  # seconds for one git command, none of which uses the network


class Index(object):
    """The index of the repository around `folder`. Raises UsageError where there is none."""

    def __init__(self, folder='.'):
        self.folder = folder
        top = self._git('rev-parse', '--show-toplevel')
        if top is None:
            raise UsageError('There is no git repository here', where=os.path.abspath(folder))
        self.top = to_text(top, PATHS).strip()

    def regimens(self, changed_with=(LOCK_FILE,)):
        """Paths of staged regimens, and of those whose lock file is staged, from the top of the repository."""
        names = self._git('diff', '--cached', '--name-only', '--diff-filter=ACMR', '-z') or b''
        names = [to_text(name, PATHS) for name in names.split(b'\0') if name]
        found = [name for name in names if REGIMEN.search(name)]
        for name in names:
            folder, _, base = name.rpartition('/')
            path = folder + '/regimen.yml' if folder else 'regimen.yml'
            if base in changed_with and path not in found and self.staged(path) is not None:
                found.append(path)
        return found

    def from_top(self, path):
        """A path as a person types it, as the index has it."""
        path = os.path.abspath(os.path.join(self.folder, path))
        try:
            relative = os.path.relpath(path, os.path.realpath(self.top))
        except ValueError:  # another drive
            raise UsageError('This file is not in the repository', where=self.top, found=path)
        return relative.replace(os.sep, '/')

    def staged(self, path):
        """The staged bytes of a path, None when the index has no such file."""
        return self._git('cat-file', 'blob', ':' + path)

    def committed(self, path):
        """The bytes of a path in the last commit, None when there is none."""
        return self._git('cat-file', 'blob', 'HEAD:' + path)

    def tagged(self, tag, path):
        """The bytes of a path at a tag of this repository, None when there is no such tag or path."""
        return self._git('cat-file', 'blob', 'refs/tags/%s:%s' % (tag, path))

    def _git(self, *words):
        try:
            code, out, _ = run_bounded([find_git()] + list(words), PATIENCE, cwd=self.folder)
        except (TimedOut, OSError) as error:
            raise Unreachable('git does not answer', found=reason_of(error))
        return out if code == 0 else None


def name_flaws(index, path, content):
    """Sentences about a name that was not raised: beside the last commit, and beside the tag of that name."""
    try:
        after = read(content, path)
    except NotFound:
        return  # validation tells it
    change = _change(index.committed(path), after, path)
    if change is not None and change.old.name:
        enough, sentence = change.verdict()
        if not enough:
            yield sentence
            return
    tagged = index.tagged(after.name, path) if after.name and re.match(r'[\w.-]+$', after.name) else None
    change = _change(tagged, after, path)
    if change is not None and not change.is_empty:
        yield 'There is a tag %s already, and its regimen is another one: raise the name.' % after.name


def _change(before, after, path):
    """The Difference between a regimen in bytes and another; None where they cannot be compared."""
    try:
        return None if before is None else Difference(read(before, path), after)
    except NotFound:
        return None  # one cannot be read or holds an infinite number; of the staged one validation tells it


def log_flaw(index, path, name):
    """A sentence when the change log beside the regimen, or at the top, has no entry for its name; else None."""
    folder = path.rpartition('/')[0]
    places = [folder + '/' + CHANGE_LOG] * bool(folder) + [CHANGE_LOG]
    for place in places:
        content = index.staged(place)
        if content is not None:
            entry = re.compile(r'(?<![\w.-])%s(?![\w-]|\.\d)' % re.escape(name))
            return None if entry.search(to_text(content)) else \
                '%s has no entry for %s: add a line that says what changed, and stage it.' % (place, name)
    return 'There is no %s: begin one with an entry for %s, and stage it.' % (CHANGE_LOG, name)
