"""Are a directory's scripts the repository's? Each file is told apart: same, older, edited, other line endings."""
from __future__ import absolute_import, unicode_literals

import os
from collections import OrderedDict

from rig_agent.base import files
from rig_agent.base.compat import reason_of, to_text
from rig_agent.base.errors import NotFound, UsageError

SAME, LINE_ENDINGS, OUTDATED, NEWER, MODIFIED, MISSING, EXTRA = (
    'same', 'line endings differ', 'outdated', 'newer', 'modified', 'missing', 'extra')
STATES = (SAME, LINE_ENDINGS, OUTDATED, NEWER, MODIFIED, MISSING, EXTRA)
DRIFT = frozenset((LINE_ENDINGS, OUTDATED, NEWER, MODIFIED, MISSING))
UNREADABLE = 'it is no file that can be read as a script'
MOST_VERSIONS = 40  # of a modified script are compared with it, the newest first


class Standard(object):
    """What a script has to be: its md5, and where these bytes are: a blob of the repository, or `content` itself."""

    def __init__(self, md5, blob=None, commit=None, content=None):
        self.md5, self.blob, self.commit, self.content = md5, blob, commit, content


class Compared(object):
    """One script in one directory. state: one of STATES.

    commit, date: where the bytes found were the repository's. behind: changes between them and what they should be.
    """

    def __init__(self, directory, name, state, content=None, md5=None):
        self.directory, self.name, self.state, self.md5 = directory, name, state, md5
        self.size = None if content is None else len(content)
        self.content = None if state == SAME else content  # a thousand scripts need not be held
        self.commit = self.date = self.behind = self.note = None
        self.nearest = None  # bytes of the nearest version, for a diff

    def as_json(self):
        return {'directory': self.directory, 'name': self.name, 'state': self.state, 'commit': self.commit,
                'date': self.date, 'behind': self.behind, 'note': self.note,
                'size': self.size, 'md5': self.md5}


def compare(directory, standards, repository, expected, commit=None):
    """[Compared] of a directory's scripts, by name.

    standards: {name: Standard}. expected: the names that have to be there. repository: a `places.ScriptsRepository`,
    asked only about files that differ, up to `commit`. Raises NotFound when there is no such directory.
    """
    found, differing = OrderedDict(), []
    present = scripts_in(directory)
    for name in sorted(present | set(expected)):
        content = files.read_file(os.path.join(directory, name)) if name in present else None
        md5 = None if content is None else files.md5_of_bytes(content)
        standard = standards.get(name)
        if name not in present:
            state = MISSING
        elif standard is None:
            state = EXTRA
        elif content is None:
            state = MODIFIED
        else:
            state = SAME if md5 == standard.md5 else MODIFIED
        found[name] = Compared(directory, name, state, content, md5)
        if name in present and content is None:
            found[name].note = UNREADABLE
        elif state in (MODIFIED, EXTRA):
            differing.append(found[name])
    if differing:
        _tell_apart(differing, standards, repository, commit)
    return list(found.values())


def scripts_in(directory):
    """The names of the scripts in a directory; raises NotFound when it is none."""
    try:
        return {to_text(name) for name in os.listdir(directory) if to_text(name).endswith('.py')}
    except OSError as error:
        raise NotFound('There is no such directory of scripts', where=directory, found=reason_of(error),
                       advice='Correct --dir, or `scripts: directories:` in the configuration.')


def contents(names, standards, repository):
    """{name: the bytes that a script has to be}, for as many as can be had."""
    wanted = {name: standards[name] for name in names if name in standards}
    blobs = repository.blobs({standard.blob for standard in wanted.values() if standard.blob})
    found = {}
    for name, standard in wanted.items():
        content = standard.content or blobs.get(standard.blob)
        if content is None:
            version = repository.find(name, standard.md5)
            content = version.content if version else None
        if content is not None:
            found[name] = content
    return found


def unified_diff(compared):
    """The changes from the nearest version of the repository to the file, as text."""
    import difflib  # few scripts differ, most days none
    lines = [to_text(content).splitlines() for content in (compared.nearest or b'', compared.content or b'')]
    changes = list(difflib.unified_diff(lines[0], lines[1], lineterm=''))[2:]
    # The heading is ours: on Python 2 difflib cannot make one of a path with letters outside ASCII.
    return '\n'.join(['--- %s at %s' % (compared.name, (compared.commit or 'the repository')[:12]),
                      '+++ %s' % os.path.join(compared.directory, compared.name)] + changes)


def fix(compared, standards, repository, keep):
    """Put the bytes that have to be there in the place of those that drifted: [(Compared, path of the old ones)].

    keep: a function of (name, bytes) that keeps what is replaced and returns its path. What cannot be kept or named
    stays as it is. Raises EnvironmentError at the first file that cannot be written.
    What stands there is read again: on Windows that is a script whose name differs in case, when it seemed missing.
    """
    drifted = [item for item in compared if item.state in DRIFT]
    right, done = contents([item.name for item in drifted], standards, repository), []
    for item in drifted:
        if item.name not in right or not _can_be_named(item):
            continue
        path = os.path.join(item.directory, item.name)
        standing = files.read_file(path)
        if standing is None and os.path.lexists(path):
            item.note = UNREADABLE
            continue
        kept = keep(item.name, standing) if standing is not None else None
        files.write_atomically(path, right[item.name])
        done.append((item, kept))
    return done


def _can_be_named(item):
    try:
        files.check_name(item.name)
    except UsageError as error:
        item.note = error.what
        return False
    return True


# ------------------------------------------------------------------------------------------------ what differs

def _tell_apart(differing, standards, repository, commit):
    """Give each file that is not what it should be its state, its origin and its distance."""
    histories = repository.histories(commit)
    expected = contents([item.name for item in differing], standards, repository)
    owners = {standard.blob: name for name, standard in standards.items() if standard.blob}
    for item in differing:
        versions = histories.get(item.name, [])
        if item.state == EXTRA:
            if versions:
                item.note = 'the repository had it until commit %s' % versions[0][0][:12]
            continue
        standard, content = standards[item.name], expected.get(item.name)
        item.nearest, item.commit = content, standard.commit
        if content is not None and _lines(content) == _lines(item.content):
            item.state, item.behind = LINE_ENDINGS, 0
            item.note = 'CRLF here' if b'\r\n' in item.content else 'LF here'
        elif not _find_version(item, files.git_blob_id(content) if content else None, versions):
            _find_nearest(item, versions, repository, owners)


def _lines(content):
    return content.replace(b'\r\n', b'\n')


def _find_version(item, right, versions):
    """Whether the bytes were the repository's once; notes when, and how many changes lie between."""
    blobs = [blob for _, _, blob in versions]
    position = next((blobs.index(blob) for blob in (files.git_blob_id(item.content),
                                                    files.git_blob_id(_lines(item.content))) if blob in blobs), None)
    if position is None:
        return False
    here = blobs.index(right) if right in blobs else 0
    item.commit, item.date = versions[position][:2]
    item.behind = position - here
    item.state = OUTDATED if item.behind > 0 else NEWER
    if blobs[position] != files.git_blob_id(item.content):
        item.note = 'its line endings differ too'
    return True


def _find_nearest(item, versions, repository, owners):
    import difflib
    other = owners.get(files.git_blob_id(item.content))
    if other:
        item.note = 'it has the bytes of %s' % other
    lines, best = item.content.splitlines(), -1
    known = repository.blobs({blob for _, _, blob in versions[:MOST_VERSIONS] if blob})
    for commit, date, blob in versions[:MOST_VERSIONS]:
        if blob not in known:
            continue
        matcher = difflib.SequenceMatcher(None, known[blob].splitlines(), lines, autojunk=False)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            ratio = matcher.ratio()
            if ratio > best:
                best, item.commit, item.date, item.nearest = ratio, commit, date, known[blob]
