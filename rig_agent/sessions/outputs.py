"""New output files of a session: which, how large, their md5, and what can be read from them without running anything."""
from __future__ import absolute_import, unicode_literals

import io
import os
import time

from rig_agent.base.compat import monotonic, name_as_text, reason_of, system_path
from rig_agent.base.files import md5_of_file

KINDS = ('.pkl', '.hdf5', '.h5', '.npz', '.nwb', '.psydat')
NOT_OUTPUTS = ('simulation.assets',)  # what a simulation stood in for
DEEPEST = 3
MOST_FILES = 50000
# How a pickle of any protocol holds the key that camstim adds when Escape was pressed.
ESCAPE = 'escape_pressed'
ESCAPE_PATTERNS = (b"S'escape_pressed'\n", b'Vescape_pressed\n', b'U\x0eescape_pressed', b'X\x0e\x00\x00\x00escape_pressed',
                   b'\x8c\x0eescape_pressed')
LARGEST_SCAN = 2 << 30
MOST_OPCODES, LONGEST_SCAN = 2000000, 5.0


OLD = 60.0  # seconds that a file server's clock may be behind


class Outputs(object):
    """The files of the watched folders that are new or changed since this object was made.

    since: when the session began (seconds since the epoch). What appears and is older was moved there, or lay in a
    folder that could not be looked at before, as that of a share that was away.
    """

    def __init__(self, folders, before=None, since=None):
        self.folders = folders
        self.before = look(folders) if before is None else before
        self.since = time.time() if since is None else since
        self._clocks_differ = time.time() - monotonic()
        self.newest = 0.0  # when the last of them was written

    def new(self):
        """path -> (size, mtime) of what was written since and is not empty."""
        set_back = min(time.time() - monotonic() - self._clocks_differ, 0.0)
        oldest = self.since + set_back - OLD
        return {path: state for path, state in look(self.folders).items()
                if state != self.before.get(path) and state[0] > 0 and (state[1] >= oldest or path in self.before)}

    def as_json(self):
        """[{path, size, md5, escape_pressed}] for the record, oldest first; a file that cannot be read says why."""
        found = []
        for path, (size, modified) in sorted(self.new().items(), key=lambda item: (item[1][1], item[0])):
            entry = {'path': path, 'size': size, 'md5': None, 'escape_pressed': None}
            try:
                entry['md5'] = md5_of_file(path)
                if path.lower().endswith('.pkl'):
                    entry['escape_pressed'] = escape_was_pressed(path)
            except EnvironmentError as error:
                entry['problem'] = 'not readable: %s' % reason_of(error)
            found.append(entry)
            self.newest = max(self.newest, modified)
        return found


def look(folders):
    """path -> (size, mtime) of the output files below `folders`, bounded in depth and number."""
    found = {}
    for folder in map(system_path, folders):
        for place, names, files in os.walk(folder):
            if place[len(folder):].count(os.sep) >= DEEPEST - 1:
                del names[:]
            names[:] = [name for name in names if name_as_text(name) not in NOT_OUTPUTS]
            for name in files:
                if not name_as_text(name).lower().endswith(KINDS):
                    continue
                path = os.path.join(place, name)
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                found[name_as_text(path)] = (status.st_size, status.st_mtime)
                if len(found) >= MOST_FILES:
                    return found
    return found


def escape_was_pressed(path):
    """Whether a pickle holds the key `escape_pressed`. It is never loaded: its bytes and opcodes are read.

    The search for the bytes is fast and rules most files out; the opcodes then tell a key from the script's text, which
    camstim's outputs hold too. None when it cannot be told within the limits.
    """
    import pickletools  # imported here: not before the script runs
    with io.open(path, 'rb') as stream:
        if os.fstat(stream.fileno()).st_size > LARGEST_SCAN:
            return None
        if not _holds_pattern(stream):
            return False
        stream.seek(0)
        deadline = monotonic() + LONGEST_SCAN
        try:
            for count, (_, argument, _) in enumerate(pickletools.genops(stream)):
                if argument == ESCAPE:
                    return True
                if count > MOST_OPCODES or count % 4096 == 0 and monotonic() > deadline:
                    return None
        except Exception:  # not a pickle, cut short, or damaged: pickletools raises of all kinds
            return None
    return False


def _holds_pattern(stream):
    rest = b''
    for block in iter(lambda: stream.read(1 << 20), b''):
        if any(pattern in rest + block for pattern in ESCAPE_PATTERNS):
            return True
        rest = block[-32:]
    return False
