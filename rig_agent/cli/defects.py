"""A report of a failure of the agent itself, with versions and platform, written where a person can send it from."""
from __future__ import absolute_import, unicode_literals

import os
import sys
import tempfile
import traceback

from rig_agent import __version__
from rig_agent.base.compat import FILE_SYSTEM_ENCODING, message_of, to_text
from rig_agent.base.files import make_folder, write_atomically
from rig_agent.base.masking import mask
from rig_agent.base.units import local_stamp, utc_now
from rig_agent.rig.identity import platform_name


def write_report(exc_info, home):
    """Write the report below `home`, or in the temporary folder; returns (path, one line that names the failure)."""
    kind, error, trace = exc_info
    line = mask('%s: %s' % (kind.__name__, message_of(error)))
    text = '\n'.join(['rig-agent %s' % __version__,
                      'python %s' % sys.version.replace('\n', ' '),
                      'platform %s' % platform_name(),
                      'at %s' % utc_now(),
                      'command %s' % mask(' '.join(to_text(word, FILE_SYSTEM_ENCODING) for word in sys.argv)),
                      '', 'Traceback (most recent call last):',
                      mask(''.join(to_text(part) for part in traceback.format_tb(trace))) + line, ''])
    name = 'defect_%s_%d.txt' % (local_stamp(), os.getpid())
    for folder in (os.path.join(home, 'logs'), to_text(tempfile.gettempdir(), FILE_SYSTEM_ENCODING)):
        try:
            make_folder(folder)
            write_atomically(os.path.join(folder, name), text.encode('utf-8'))
            return os.path.join(folder, name), line
        except EnvironmentError:
            continue
    return 'nowhere: neither the home nor the temporary folder can be written', line
