"""`regimen.lock.json`: the md5, size, source and commit of every script of every stage of a regimen.

{
    "regimen": name, "schema": 1,
    "scripts": {reference: {"md5", "size", "kind", "source", "commit"}},
    "stages": {stage: {"script": reference, "behavior_script": reference, ...}}
}
Sorted, so that a diff shows what moved and nothing else; hence it carries no dates. Where a regimen asserts several
md5s for one reference, the reference is followed by ` #` and the md5.
"""
from __future__ import absolute_import, unicode_literals

import json
import os

from rig_agent.base import files
from rig_agent.base.errors import NotFound
from rig_agent.base.masking import mask

NAME = 'regimen.lock.json'
SCHEMA = 1


class LockFile(object):
    """What a lock file says. where: its path, or a text that names its place."""

    def __init__(self, where, scripts=None, stages=None, regimen=None):
        self.where = where
        self.scripts = scripts or {}
        self.stages = stages or {}
        self.regimen = regimen

    def entry(self, reference, md5=None):
        """The entry of a reference, preferably the one with this md5; None when it is not locked."""
        reference = mask(reference)
        return self.scripts.get('%s #%s' % (reference, md5)) or self.scripts.get(reference)

    def lock(self, stage, path, reference, entry):
        """Note a script of a stage. Two md5s of one reference get keys of their own."""
        reference = mask(reference)
        standing = self.scripts.get(reference)
        key = reference if standing is None or standing['md5'] == entry['md5'] else '%s #%s' % (reference, entry['md5'])
        self.scripts[key] = entry
        self.stages.setdefault(stage, {})[path] = key

    def document(self):
        return {'schema': SCHEMA, 'regimen': self.regimen, 'scripts': self.scripts, 'stages': self.stages}

    def write(self):
        """Write it to `where`, in one step. Raises EnvironmentError."""
        files.write_json(self.where, self.document())

    def behind(self, regimen):
        """What a regimen has that the lock file has not, or has otherwise: [sentence], [] when it is up to date."""
        from rig_agent.scripts.fetching import scripts_of  # here and below: most commands only read a lock file
        found = []
        for stage in regimen.stages.values():
            locked = self.stages.get(stage.name, {})
            paths = []
            for path, _, text, md5 in scripts_of(stage) if not stage.problem else ():
                paths.append(path)
                found.extend('%s, %s: %s' % (stage.name, path, problem)
                             for problem in self._behind(locked.get(path), text, md5))
            found.extend('%s, %s: the stage no longer has it' % (stage.name, path)
                         for path in sorted(set(locked) - set(paths)))
        gone = sorted(set(self.stages) - set(regimen.stages))
        return found + ['%s: the regimen has no such stage' % name for name in gone]

    def _behind(self, key, text, md5):
        from rig_agent.regimens.references import MD5, classify
        if key is None:
            if classify(text).kind != 'on-paper':
                yield 'not in the lock file: %s' % mask(text)
        elif key.split(' #')[0] != mask(text):
            yield 'the regimen names %s, the lock file %s' % (mask(text), key)
        elif md5 and MD5.match(md5) and self.scripts[key]['md5'] != md5.lower():
            yield 'the regimen asserts %s, the lock file %s' % (md5.lower(), self.scripts[key]['md5'])


def entry_of(script):
    """What a lock file keeps of a `scripts.script.Script`; of a file of this machine not where it lies."""
    described = script.as_json()
    entry = {'md5': script.found_md5, 'size': script.size, 'kind': script.kind, 'commit': script.commit,
             'source': described['source'] if script.kind != 'file' else None}
    return {field: value for field, value in entry.items() if value is not None}


def beside(folder):
    """The LockFile in a regimen's folder, None when there is none. Raises NotFound for one that cannot be used."""
    path = os.path.abspath(os.path.join(folder, NAME))
    if not os.path.lexists(path):
        return None
    content = files.read_file(path)
    if content is None:
        raise NotFound('This lock file cannot be read', where=path,
                       advice='Let this account read it; or take the committed one back.')
    return parse(content, path)


def of_source(source, configuration, offline=False):
    """The LockFile beside a `regimens.sources.RegimenSource`, a file or a commit; None when there is none.

    Raises NotFound for one that cannot be used.
    """
    if source.kind == 'path':
        return beside(source.folder)
    if source.kind != 'git':
        return None  # no other URL is asked than the one that was named
    from rig_agent.base.repositories import Repository, SymbolicLink, repository_folder
    path = '/'.join(configuration['regimens.file'].split('/')[:-1] + [NAME])
    address = configuration['regimens.repository']
    repository = Repository(address, repository_folder(configuration['cache'], address))
    try:
        content = repository.healed(lambda: repository.read(source.commit, path), offline)
    except SymbolicLink:
        raise
    except NotFound:
        return None
    return parse(content, '%s at %s' % (path, source.commit))


def parse(content, where):
    """The LockFile in these bytes. Raises NotFound."""
    from rig_agent.regimens.references import COMMIT
    try:
        document = json.loads(content.decode('utf-8'))
        if document['schema'] != SCHEMA:
            raise NotFound('This lock file is of another version', where=where, expected='schema %d' % SCHEMA,
                           found='schema %s' % document['schema'], advice='Update rig-agent, or make it anew.')
        for entry in document['scripts'].values():
            assert files.MD5.match(entry['md5'])
            assert entry.get('commit') is None or COMMIT.match(entry['commit'])
        assert all(key in document['scripts'] for stage in document['stages'].values() for key in stage.values())
        return LockFile(where, document['scripts'], document['stages'], document['regimen'])
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise NotFound('This lock file cannot be understood', where=where,
                       advice='Take the committed one back, or make it anew: remove it and run rig-agent lock.')
