"""Many scripts at once: side by side within a limit, each once for all that use it; a failure loses no other."""
from __future__ import absolute_import, unicode_literals

import sys
import threading
from collections import OrderedDict

import six
from six.moves import queue

from rig_agent.base.errors import RigAgentError
from rig_agent.regimens.model import nested_references
from rig_agent.regimens.references import MD5

SIDE_BY_SIDE = 8
FETCHED, THERE, KEPT, FAILED = 'fetched', 'already there', 'kept', 'failed'


class Wish(object):
    """One script that is to be had. stages: [(regimen's name, stage, key path)] that use it.

    After `fetch_all`: script (None when it failed), error, and state: `fetched`, `already there`, `kept` (the copy of
    before, because it could not be fetched again) or `failed`.
    """

    def __init__(self, resolver, text, script_md5, role):
        self.resolver, self.text, self.script_md5, self.role = resolver, text, script_md5, role
        self.stages = []
        self.script = self.error = self.state = None

    @property
    def used_by(self):
        """`REGIMEN STAGE` of each stage that uses it, sorted."""
        return sorted({' '.join(part for part in (regimen, stage) if part) for regimen, stage, _ in self.stages})

    def as_json(self):
        described = self.script.as_json() if self.script else {'reference': self.text, 'role': self.role}
        described['state'] = self.state
        described['used_by'] = self.used_by
        if self.error is not None:
            described['error'] = self.error.as_json()
        return described


def scripts_of(stage):
    """[(key path, role, reference, script_md5)]: the stage's own script, then those that its parameters name."""
    found = [('script', 'main', stage.script, stage.script_md5)]
    return found + [(path, role, text, None) for path, role, text in nested_references(stage.parameters)]


def asserted_by(regimen):
    """{md5: reference} of every script whose md5 a regimen asserts: to recognise md5s that were swapped or pasted."""
    return {stage.script_md5.lower(): stage.script for stage in regimen.stages.values()
            if stage.script and stage.script_md5 and MD5.match(stage.script_md5)}


def wishes(resolver, regimen, stages):
    """The scripts of some stages of a regimen, each once.

    Raises NotFound for a stage that cannot be used.
    """
    found = OrderedDict()
    for stage in stages:
        for path, role, text, md5 in scripts_of(stage):
            wish = found.setdefault((text, md5 or None), Wish(resolver, text, md5, role))
            wish.stages.append((regimen.name or '', stage.name, path))
    return list(found.values())


def fetch_all(wanted, side_by_side=SIDE_BY_SIDE, progress=None):
    """Obtain every Wish; yields each when it is settled. Failures stand in the wish, none is raised.

    progress: called with numbers of bytes as they come, from several threads.
    """
    waiting, settled = queue.Queue(), queue.Queue()
    for wish in wanted:
        waiting.put(wish)

    def work():
        while True:
            try:
                wish = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                _settle(wish, progress)
                settled.put((wish, None))
            except BaseException:  # a defect of ours; shown by the thread that the person sees
                settled.put((wish, sys.exc_info()))
    workers = [threading.Thread(target=work) for _ in range(min(side_by_side, len(wanted)))]
    for worker in workers:
        worker.daemon = True  # Ctrl-C does not wait for a slow server
        worker.start()
    for _ in wanted:
        wish, defect = settled.get(timeout=86400)  # with a limit, Ctrl-C ends the wait on Python 2 too
        if defect is not None:
            six.reraise(*defect)
        yield wish
    for worker in workers:
        worker.join()  # what they hold is let go before the interpreter ends


def _settle(wish, progress):
    try:
        wish.script = wish.resolver.obtain(wish.text, wish.script_md5, wish.role, wish.used_by, progress)
    except RigAgentError as error:
        wish.error, wish.state = error, FAILED
        return
    wish.state = FETCHED if wish.script.fetched else KEPT if wish.script.stale else THERE
