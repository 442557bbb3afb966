"""Whether a script compiles under the very interpreter that will run it, said in one line when it does not."""
from __future__ import absolute_import, unicode_literals

import json
import re

from rig_agent.base.compat import TimedOut, reason_of, run_bounded, to_text
from rig_agent.base.errors import Refused

SECONDS = 30
# Runs in the child's interpreter, on Python 2.7 as on 3. Compiles bytes, so that a coding line counts as at a run.
CHECK = r'''
import ast, json, re, sys
with open(sys.argv[1], 'rb') as stream:
    source = stream.read()
problem = None
lines = source.splitlines()
try:
    compile(source, 'script', 'exec')
    coded = source.startswith(b'\xef\xbb\xbf') or re.search(br'^[ \t\f]*#.*?coding[:=]', b'\n'.join(lines[:2]), re.M)
    if sys.version_info[0] == 2 and not coded:
        # compile() takes any bytes there; the interpreter wants to be told how the letters of a file are meant
        for number, line in enumerate(lines, 1):
            if re.search(br'[\x80-\xff]', line):
                raise SyntaxError('letters beyond ASCII and no coding line', ('script', number, 0, ''))
    if sys.version_info[0] > 2:
        # `print >>stream, text` compiles on Python 3, where it is a shift of the function by the stream
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.BinOp) and getattr(node.left, 'id', '') == 'print':
                raise SyntaxError('print is a function', ('script', node.lineno, 0, ''))
except SyntaxError as error:
    problem = [error.lineno, str(error.msg), '']
    if error.lineno and error.lineno <= len(lines):
        problem[2] = lines[error.lineno - 1].decode('ascii', 'replace').strip()
except (TypeError, ValueError) as error:
    problem = [None, str(error), '']
print(json.dumps({'version': '%d.%d' % sys.version_info[:2], 'problem': problem}))
'''
# How a line looks that only the other Python takes.
ONLY_PYTHON_2 = re.compile(r'''\bprint\s+[^\s=(]|\bprint\s*>>|\bexec\s+["'\w]|\braise\s+[\w.]+\s*,|<>|`
                               |\bexcept\s+[\w.]+\s*,\s*\w+\s*:|\b0[0-7]+\b|\b\d+[lL]\b|\bur["']''', re.VERBOSE)
ONLY_PYTHON_3 = re.compile(r'''\b[rR]?[fF]["']|\b(?:nonlocal|async|await|yield\s+from)\b|->|:=
                               |\bprint\(.*(?:file|end|sep)=
                               |^\w+\s*:\s*[\w\[\], .]+=|\bdef\s.*(?:\w\s*:\s*\w|\(\s*\*\s*,)|\braise\s.*\bfrom\b
                               |\bclass\s.*metaclass=|\*\w+\s*,.*=''', re.VERBOSE)


def problem_of_compiling(python, path):
    """One line that says why `python` cannot run the script under `path`, None when it compiles.

    python: the interpreter that will run it. Nothing of the script is executed. Raises Refused when that is no Python
    that works.
    """
    try:
        code, out, err = run_bounded([python, '-W', 'ignore', '-c', CHECK, path], SECONDS)
        found = json.loads(to_text(out).strip().splitlines()[-1])
    except OSError as error:
        raise _refused(python, reason_of(error))
    except TimedOut:
        raise _refused(python, 'no answer in %d s' % SECONDS)
    except (ValueError, IndexError):
        last = (to_text(err).strip().splitlines() or ['no output'])[-1]
        raise _refused(python, 'exit code %s, %s' % (code, last))
    return _in_words(found['version'], *found['problem']) if found['problem'] else None


def _refused(python, found):
    return Refused('This interpreter does not work: %s' % python, found=found,
                   advice='Name the Python that runs the scripts with --python or `python` in the configuration.')


def _in_words(version, line, message, text):
    written_for = None
    if version.startswith('3'):
        if ONLY_PYTHON_2.search(text) or 'inconsistent use of tabs' in message or 'Missing parentheses' in message:
            written_for = 'Python 2'
    elif ONLY_PYTHON_3.search(text):
        written_for = 'Python 3'
    place = 'line %d' % line if line else 'the script'
    if written_for:
        return '%s is %s, this is Python %s: %s' % (place, written_for, version, text or message)
    return '%s does not compile on Python %s (%s)%s' % (place, version, message, ': ' + text if text else '')
