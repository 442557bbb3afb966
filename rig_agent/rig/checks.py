"""Is this rig ready? Checks, each with its own time limit, all of them run; what they look at is in `machine`,
`interpreters` and, beyond this machine, in `reports.readiness`.

`run_all` serves `doctor`; `before_run` is the quick part that stands before every session and in its record.
"""
from __future__ import absolute_import, unicode_literals

import re
import threading
from collections import namedtuple

from six.moves import _thread

from rig_agent.base.compat import message_of, monotonic, to_text
from rig_agent.base.files import read_file
from rig_agent.rig.result import FAILED, OK, SKIPPED, WARNING, Result

LIMIT = 4.0  # seconds for a check that does not say otherwise
# What a script imports that only a camstim machine has; at the margin it is needed, further in it may be optional.
RIG_IMPORT = re.compile(br'^([ \t]*)(?:from|import)[ \t]+(camstim|psychopy|toolbox)\b', re.MULTILINE)

BEFORE_RUN = ('rig ids', 'disk', 'screen', 'assets', 'imports')

# name: unique, also for --skip-check. look: called without arguments, returns a Result. limit: seconds.
Check = namedtuple('Check', 'name look limit')


def check(name, look, limit=LIMIT):
    return Check(name, look, limit)


def run_all(checks, on_result=None):
    """The results of all checks, in their order, none later than its limit; on_result(result) is told of each in turn.

    A check that raises has failed, and one that does not end is left behind: it can only wait, it changes nothing.
    """
    begun = monotonic()
    running = [(one, _start(one)) for one in checks]
    results = []
    for one, (outcome, done) in running:
        done.wait(max(one.limit - (monotonic() - begun), 0.01))
        result = outcome[0] if outcome else Result(
            FAILED, 'no answer in %g s' % one.limit, 'See whether what it asks hangs: a share, a service, an import.')
        results.append(result.named(one.name))
        if on_result:
            on_result(result)
    return results


def _start(one):
    """A bare thread: one that hangs must not keep the command from ending, nor print at its end on Python 2."""
    outcome, done = [], threading.Event()

    def work():
        try:
            outcome.append(one.look())
        except Exception as error:  # a check is about what may be broken in any way
            said = '%s: %s' % (type(error).__name__, message_of(error))
            outcome.append(Result(FAILED, 'the check itself failed: %s' % said))
        done.set()
    _thread.start_new_thread(work, ())
    return outcome, done


def before_run(configuration, parameters, simulated, assets=(), scripts=(), skip=()):
    """[Result] of what can be told at once before a session, for its record; one that FAILED is a reason not to start.

    assets: [(key path, text)] of the files that the parameters name. scripts: paths of the verified scripts.
    skip: names of checks that the user leaves out, which the results then say. Takes milliseconds, but for a share that
    hangs and for an interpreter that is asked whether it has camstim. Nothing is asked for a simulated session.
    """
    from rig_agent.rig import machine
    checks = [] if simulated else [  # by the names in BEFORE_RUN
        check('rig ids', lambda: machine.ids(configuration)),
        check('disk', lambda: machine.disk(configuration, before_run=True)),
        check('screen', lambda: machine.screen(parameters)),
        check('assets', lambda: machine.assets(configuration, assets)),
        check('imports', lambda: _imports(configuration, scripts), limit=20.0)]
    left_out = [Result(SKIPPED, 'left out by --skip-check').named(one.name) for one in checks if one.name in skip]
    return run_all([one for one in checks if one.name not in skip]) + left_out


def _imports(configuration, scripts):
    """Whether the interpreter has what the scripts import from a camstim machine."""
    from rig_agent.rig import interpreters
    needed, optional = set(), set()
    for path in scripts:
        for indent, name in RIG_IMPORT.findall(read_file(path) or b''):
            (optional if indent else needed).add(to_text(name))
    if not needed | optional:
        return Result(OK, 'nothing of a camstim machine is imported')
    probed = interpreters.probe(configuration['python'])
    if probed.get('problem'):
        return Result(WARNING, probed['problem'])
    missing = [name for name in sorted(needed | optional) if not probed['modules'][name]]
    if not missing:
        return Result(OK, '%s has %s' % (configuration['python'], ', '.join(sorted(needed | optional))))
    return Result(FAILED if needed & set(missing) else WARNING,
                  'the script imports %s, which %s does not have' % (', '.join(missing), configuration['python']),
                  interpreters.way_to_camstim())


