"""Is this machine fit for animals? Every promise that a machine can break, tried on it, and a page of what was seen.

For a rig whose Windows, Python, antivirus or policies are not those that the project is tested on. Each step is a real
`rig-agent` command on a script of its own, in a home of its own: nothing of the rig is used but its interpreter and
its network. No step takes more than a minute; all take a few.
"""
from __future__ import absolute_import, unicode_literals

import os
import tempfile
import traceback

from rig_agent.base.compat import FILE_SYSTEM_ENCODING, monotonic, to_text
from rig_agent.base.errors import UsageError
from rig_agent.base.files import check_path, make_folder, remove_folder, write_atomically
from rig_agent.base.masking import mask
from rig_agent.harness.acceptance import page
from rig_agent.harness.acceptance.bench import Bench, Skipped, Wrong
from rig_agent.harness.acceptance.steps import STEPS

ODD_NAME = 'accept\u00e9 it'
PASSED, FAILED, SKIPPED = 'passed', 'failed', 'skipped'


def accept(configuration, report, say=None):
    """Run every step and write the page `report`; returns [{title, command, must, result, seen, seconds, output}].

    say(text): told each result. Raises EnvironmentError when the page or the working folder cannot be written.
    """
    make_folder(os.path.dirname(os.path.abspath(report)))
    place = to_text(tempfile.mkdtemp(prefix=str('rig_agent_')), FILE_SYSTEM_ENCODING)
    folder = os.path.join(place, ODD_NAME if _can_be_handed_on(ODD_NAME) else 'accept it')
    results = []
    try:
        for number, step in enumerate(STEPS, 1):
            results.append(_try(step, Bench(os.path.join(folder, '%02d' % number), configuration)))
            if say:
                say('%-8s %5.1f s  %s%s' % (results[-1]['result'], results[-1]['seconds'], step.title,
                                            '' if results[-1]['result'] == PASSED else ': %s' % results[-1]['seen']))
            write_atomically(report, page.render(results, configuration).encode('utf-8'))
    finally:
        _remove(place)
    return results


def _try(step, bench):
    begun = monotonic()
    try:
        result, seen = PASSED, step.function(bench) or 'as it must be'
    except Skipped as reason:
        result, seen = SKIPPED, '%s' % reason
    except Wrong as difference:
        result, seen = FAILED, '%s' % difference
    except Exception:  # a step that itself fails is a finding about this machine, and the others still run
        result, seen = FAILED, to_text(traceback.format_exc())
    finally:
        bench.close()
    return {'title': step.title, 'command': step.command, 'must': step.must, 'result': result, 'seen': mask(seen),
            'seconds': round(monotonic() - begun, 1), 'output': mask(bench.output())}


def _can_be_handed_on(name):
    """On Python 2 only the letters of the code page can, which in the east of Europe has no accents."""
    try:
        return bool(check_path(name))
    except UsageError:
        return False


def _remove(folder):
    try:
        remove_folder(folder)
    except OSError:
        pass  # something of a failed step still uses it; its place is the system's temporary folder


def checklist():
    """The steps as a Markdown table, for the documentation."""
    rows = ['| # | what is tried | by | what must be seen |', '|---|---|---|---|']
    rows += ['| %d | %s | `%s` | %s |' % (number, step.title, step.command, step.must)
             for number, step in enumerate(STEPS, 1)]
    return '\n'.join(rows) + '\n'
