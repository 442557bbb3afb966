"""git as a process: through GitPython, by an absolute path, in a neutral environment, for a bounded time."""
from __future__ import absolute_import, unicode_literals

import os
import sys
import threading

from rig_agent.base.compat import (FILE_SYSTEM_ENCODING, WINDOWS, TimedOut, environment, git_variables, message_of,
                                   spawning, to_native, to_text)
from rig_agent.base.errors import Unreachable

NEUTRAL = {
    'GIT_TERMINAL_PROMPT': '0', 'GIT_ASKPASS': '', 'SSH_ASKPASS': '', 'GCM_INTERACTIVE': 'never',
    'GIT_SSH_COMMAND': 'ssh -oBatchMode=yes -oConnectTimeout=10', 'GIT_OPTIONAL_LOCKS': '0',
}
# gc.auto: what a force-push left behind stays readable, for a lock file may name it.
OPTIONS = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'protocol.ext.allow=never',
           '-c', 'core.hooksPath=' + os.devnull, '-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=20']
GITPYTHON_WITHOUT_GIT = {str('GIT_PYTHON_REFRESH'): str('quiet'), str('GIT_PYTHON_GIT_EXECUTABLE'): str('/no-git')}
PATHS = 'utf-8' if WINDOWS else FILE_SYSTEM_ENCODING  # what git prints them in


class GitFailed(Exception):
    """git ended with another code than 0; `said` is its stderr."""

    def __init__(self, code, said):
        super(GitFailed, self).__init__(said)
        self.code, self.said = code, said


def run_git(words, folder, timeout, given=b''):
    """Run git in `folder` to its end; its stdout as bytes, `given` on its stdin.

    Raises GitFailed, TimedOut after `timeout` seconds, Unreachable when there is no git.
    """
    wrapper = _spawn([find_git()] + OPTIONS + words, folder)  # kept: it ends the process when it is dropped
    process, late = wrapper.proc, []

    def end():
        late.append(True)
        _end_tree(process.pid)
    timer = threading.Timer(timeout, end)
    timer.start()
    try:
        out, said = process.communicate(given)
    finally:
        timer.cancel()
    if late:
        raise TimedOut('git %s: no end after %g s' % (words[0], timeout))
    if process.returncode:
        raise GitFailed(process.returncode, to_text(said))
    return out


def find_git():
    """The absolute path of git on PATH, never of one in the current folder. Raises Unreachable."""
    names = ['git.exe', 'git.cmd'] if WINDOWS else ['git']
    for folder in environment().get('PATH', '').split(os.pathsep):
        for name in names:
            path = os.path.join(folder.strip('"'), name)
            if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    raise Unreachable('git is not installed, or not on PATH',
                      advice='Install git. Without it only URLs, bundled scripts and what the cache has can be used.')


def end_orphans(folders):
    """End every git that still fetches into one of these clones although whoever started it is gone."""
    import psutil
    marks = {'--git-dir=' + folder for folder in folders}
    for process in psutil.process_iter():
        try:
            words = {to_text(word, FILE_SYSTEM_ENCODING) for word in process.cmdline()}
            if 'fetch' in words and marks & words:
                _end_tree(process.pid)
                process.wait(10)
        except (psutil.Error, EnvironmentError):  # it ended by itself, or is not ours
            continue


def _spawn(argv, folder):
    """Start git by GitPython, which hands on os.environ: `GIT_*` are out of it at that moment, see compat."""
    with spawning:
        hidden = {name: os.environ.pop(name) for name in git_variables()}  # none in the command: set aside at its start
        try:
            return _execute(_gitpython(), argv, folder)
        finally:
            os.environ.update(hidden)


def _gitpython():
    """GitPython. It runs git when it is imported, and fails where that one fails; so it is let find none."""
    if 'git' not in sys.modules:
        os.environ.update(GITPYTHON_WITHOUT_GIT)
    try:
        import git  # 80 ms
        return git
    finally:
        for name in GITPYTHON_WITHOUT_GIT:
            os.environ.pop(name, None)  # none is there but after the import: other threads may read os.environ


def _execute(git, argv, folder):
    import subprocess
    try:
        return git.Git(to_native(folder)).execute(
            [to_native(word) for word in argv], istream=subprocess.PIPE, as_process=True,
            env={to_native(name): to_native(value) for name, value in NEUTRAL.items()})
    except (EnvironmentError, git.exc.GitCommandNotFound) as error:  # as where an antivirus forbids it
        raise Unreachable('git cannot be started', where=argv[0], found=message_of(error).splitlines()[0],
                          advice='See whether it runs in a console of this account: %s --version' % argv[0])


def _end_tree(pid):
    """End git with its helpers: one that waits for a host would outlive git itself."""
    import psutil
    try:
        leader = psutil.Process(pid)
        family = leader.children(recursive=True) + [leader]
    except psutil.Error:
        return
    for process in family:
        try:
            process.kill()
        except psutil.Error:
            pass
