"""Where a regimen comes from: a file, a URL, or a ref of the lab's regimens repository."""
from __future__ import absolute_import, unicode_literals

import hashlib
import io
import os
from collections import namedtuple

from rig_agent.base.compat import expand_user, reason_of
from rig_agent.base.errors import NotFound, Refused, Unreachable, UsageError
from rig_agent.base.masking import mask
from rig_agent.regimens.syntax import LARGEST_FILE

DEFAULT = 'regimen.yml'

# kind: `path`, `url` or `git`. location: absolute path, URL, or the repository's address, as they may be shown.
# commit, ref: for git. folder: where the file lies, for `path`. fetched_at: UTC text, when the copy was made, None for a
# file.
RegimenSource = namedtuple('RegimenSource', 'name_given kind location content sha256 commit ref folder fetched_at')


def open_regimen(name, configuration, offline=False, say=None):
    """The bytes of a regimen and where they are from.

    name: a path, a URL, `git:REF`, or None for `regimen.yml` of the current folder. say: a function that takes a
    sentence about a copy that could not be refreshed.
    Raises NotFound (6) when there is no such file or ref, Unreachable (7) when the network is needed and away.
    """
    name = name or DEFAULT
    if name.startswith(('http://', 'https://')):
        return _from_url(name, offline)
    if name.startswith('git:'):
        return _from_repository(name, configuration, offline, say)
    return _from_file(name)


def path_of(name):
    """The path of the file that a name stands for, whether it is there or not: a folder means the regimen in it."""
    path = os.path.abspath(expand_user(name))
    inside = os.path.join(path, DEFAULT)
    return inside if os.path.isfile(inside) else path


def where(source):
    """The place of a source for messages: its path, its URL, or `git:REF`."""
    return source.name_given if source.kind != 'url' else source.location


def _source(name, kind, location, content, **parts):
    fields = dict.fromkeys(RegimenSource._fields)
    fields.update(name_given=name, kind=kind, location=location, content=content,
                  sha256='%s' % hashlib.sha256(content).hexdigest(), **parts)
    return RegimenSource(**fields)


def _from_file(name):
    path = path_of(name)
    try:
        with io.open(path, 'rb') as stream:
            content = stream.read(LARGEST_FILE + 1)
    except EnvironmentError as error:
        raise NotFound('There is no such regimen' if not os.path.exists(path) else 'This regimen cannot be read',
                       where=path, found=reason_of(error),
                       advice='Name a file, a URL, git:REF or mtrain:MOUSE with --regimen, or go to the folder that '
                       'holds regimen.yml.')
    return _source(name, 'path', path, content, folder=os.path.dirname(path))


def _from_url(url, offline):
    from rig_agent.regimens.references import classify
    reference = classify(url)
    if reference.kind == 'page-url':
        raise NotFound('This URL is a page that shows the regimen, not the regimen', where=url,
                       advice=reference.problems[0])
    if offline:
        raise Unreachable('This regimen is on the network, and --offline forbids to fetch it', where=url,
                          advice='Save it to a file and name that with --regimen.')
    from rig_agent.base.download import fetch_bytes  # imports requests: only where something is fetched
    from rig_agent.base.units import utc_now
    content = fetch_bytes(url, LARGEST_FILE)
    return _source(mask(url), 'url', mask(url), content, fetched_at=utc_now())


def _from_repository(name, configuration, offline, say):
    from rig_agent.base.repositories import Repository, repository_folder  # imports git
    ref, address = name[len('git:'):], configuration['regimens.repository']
    if not ref:
        raise UsageError('`git:` needs a branch, tag or commit behind it', found=name,
                         expected='git:REF, such as git:VisualBehavior_Task1A_v1.0.3')
    repository = Repository(address, repository_folder(configuration['cache'], address))
    if not _has_commit(repository, ref):
        _refresh(repository, address, offline, say)
    commit, content = repository.healed(lambda: _read(repository, ref, configuration['regimens.file']), offline)
    return _source(name, 'git', mask(address), content, commit=commit, ref=ref, fetched_at=repository.fetched_at)


def _read(repository, ref, path):
    commit = repository.resolve(ref)
    return commit, repository.read(commit, path)


def _has_commit(repository, ref):
    """Whether the clone holds a commit named in full: it cannot have changed, so nothing needs to be fetched."""
    from rig_agent.regimens.references import COMMIT
    return bool(COMMIT.match(ref)) and repository.exists and repository.has(ref)


def _refresh(repository, address, offline, say):
    if offline:
        if not repository.exists:
            raise Unreachable('There is no copy of the regimens repository here, and --offline forbids to fetch it',
                              where=address, advice='Run the command once with the network.')
        return
    try:
        repository.update()
    except (Unreachable, Refused) as error:
        if not repository.exists:
            raise
        if say:
            say('%s; using the copy of %s.' % (error.what, repository.fetched_at))
