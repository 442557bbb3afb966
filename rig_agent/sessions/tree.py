"""Everything that descends from the script: found, named, measured, ended.

A process is ours when it descends from the script's shim, is an orphan of the session that fell to the keeper, shares
the script's process group, carries the session's mark in its environment, or is in the session's job object. Once
found it stays ours, by pid and creation time. A process can hide from all of this for a moment: the result of a
search is "none found", never "all dead".
"""
from __future__ import absolute_import, unicode_literals

import os

from rig_agent.sessions import system


class Tree(object):
    """The living descendants of one session's script."""

    def __init__(self, session):
        self.session = session
        self.shim = self.script = None
        self.ours = {}      # pid -> identity of everything found so far and still alive
        self._marks = {}    # (pid, identity) -> whether it carries the mark; looked at once
        self._foreign = frozenset()  # pids that were not ours at the last whole look
        self.orphans = []   # pids that fell to this process and ended; they wait to be reaped
        self.spared = ()    # pids of the agent itself

    def watch(self, shim, script):
        """shim, script: {pid, identity}; the script may be None as long as it is not known."""
        self.shim, self.script = shim, script
        self.spared = (os.getpid(), shim['pid'] if shim else None)

    def find(self, quick=False):
        """pids of what lives now, the script first.

        quick: do not look again at pids that were not ours a moment ago: for samples, as one may be in use anew.
        """
        processes = system.processes(skip=self._foreign) if quick else system.processes()
        self.orphans = [pid for pid, entry in processes.items() if entry[3] and entry[0] == os.getpid()]
        alive = {pid: entry for pid, entry in processes.items() if not entry[3]}
        self.ours = {pid: identity for pid, identity in self.ours.items()
                     if pid in alive and alive[pid][2] == identity}
        self._marks = {key: value for key, value in self._marks.items()
                       if key[0] in alive and alive[key[0]][2] == key[1]}
        job, group_is_ours = system.in_job(self.session), self._group_is_ours(processes)
        for pid, (parent, group, identity, _) in alive.items():
            if pid not in self.spared and pid not in self.ours and (
                    self._is_script(pid, identity) or group_is_ours and group == self.script['pid'] or pid in job
                    or self._marked(pid, identity)):
                self.ours[pid] = identity
        self._add_descendants(alive)
        if not quick:
            self._foreign = frozenset(pid for pid in alive if pid not in self.ours and pid not in self.spared)
        return sorted(self.ours, key=lambda pid: (not self._is_script(pid, self.ours[pid]), pid))

    def reap_orphans(self, known):
        """Take the statuses of ended orphans; `known` pids are left to whoever waits for them."""
        for pid in self.orphans:
            if pid not in known:
                system.reap(pid)

    def _is_script(self, pid, identity):
        return bool(self.script) and (pid, identity) == (self.script['pid'], self.script['identity'])

    def _group_is_ours(self, processes):
        """Whether the group with the script's pid is still its own, and not that of another with its number by now."""
        if not self.script:
            return False
        leader = processes.get(self.script['pid'])
        return leader[2] == self.script['identity'] if leader else system.since_this_boot(self.script['identity'])

    def _marked(self, pid, identity):
        key = (pid, identity)
        if key not in self._marks:
            self._marks[key] = system.carries_mark(pid, self.session)
        return self._marks[key]

    def _add_descendants(self, alive):
        roots = set(self.ours)
        if self.shim and self.shim['pid'] in alive and alive[self.shim['pid']][2] == self.shim['identity']:
            roots.add(self.shim['pid'])
        roots.add(os.getpid())
        grown = True
        while grown:
            grown = False
            for pid, (parent, _, identity, _) in alive.items():
                if parent in roots and pid not in self.spared and pid not in self.ours:
                    self.ours[pid] = identity
                    roots.add(pid)
                    grown = True

    def describe(self, pid):
        """{pid, identity, name, command} for the record."""
        name, command = system.describe(pid)
        return {'pid': pid, 'identity': self.ours.get(pid), 'name': name, 'command': command}

    def send(self, what, pids):
        """Signal these processes; the pids that took it."""
        return [pid for pid in pids if system.send(pid, what)]


def marked(session):
    """pids of the living processes that carry a session's mark."""
    return [pid for pid, entry in system.processes().items() if not entry[3] and system.carries_mark(pid, session)]
