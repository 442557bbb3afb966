"""Files that others read: written beside their place, flushed, moved there; hashed in full; named safely."""
from __future__ import absolute_import, unicode_literals

import binascii
import errno
import hashlib
import io
import os
import re
import stat
import time

import six

from rig_agent.base.compat import (FILE_SYSTEM_ENCODING, PY2, WINDOWS, binary_type, json_text, monotonic, replace,
                                   system_path, to_text)
from rig_agent.base.errors import UsageError

BLOCK = 1 << 20
LARGEST_SCRIPT = 16 << 20  # bytes, from wherever it comes
LONGEST_WINDOWS_PATH = 259
# A staged file is named after its destination with this in between, so that a sweep can tell litter from content.
STAGED = '.staged-'
STAGED_NAME = re.compile(re.escape(STAGED) + r'[0-9a-f]{8}\Z')  # as staged_path gives them
WINDOWS_DEVICES = re.compile(r'(con|prn|aux|nul|clock\$|(com|lpt)[0-9\xb9\xb2\xb3]|conin\$|conout\$) *(\.|$)',
                             re.IGNORECASE)
MD5 = re.compile(r'[0-9a-f]{32}\Z')
FORBIDDEN_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def md5_of_bytes(content):
    """The md5 of bytes, as 32 lower-case hex digits."""
    return to_text(new_md5(content).hexdigest())


def md5_of_file(path):
    """The md5 of a whole file, as 32 lower-case hex digits. Raises EnvironmentError."""
    digest = new_md5()
    with io.open(path, 'rb') as stream:
        for block in iter(lambda: stream.read(BLOCK), b''):
            digest.update(block)
    return to_text(digest.hexdigest())


def git_blob_id(content):
    """The id that git gives to these bytes as a file, as 40 lower-case hex digits."""
    return to_text(hashlib.sha1(('blob %d\0' % len(content)).encode('ascii') + content).hexdigest())


def new_md5(content=b''):
    try:
        return hashlib.md5(content, usedforsecurity=False)  # a FIPS build refuses md5 otherwise
    except TypeError:  # Python before 3.9
        return hashlib.md5(content)


def read_file(path, limit=64 << 20):
    """The bytes of a file, or None when it is no file, cannot be read or is larger than `limit`."""
    try:
        with io.open(path, 'rb', buffering=0) as stream:
            return stream.read() if os.fstat(stream.fileno()).st_size <= limit else None
    except EnvironmentError:
        return None


def staged_path(path):
    """A new path beside `path`, for what is about to be moved there; a kill leaves it, and a sweep knows it."""
    return '%s%s%s' % (path, STAGED, to_text(binascii.hexlify(os.urandom(4))))


def write_atomically(path, content):
    """Put bytes under `path` so that a reader sees the old file or the new one, never a part.

    Survives a kill and a power loss at any moment; what a kill leaves behind has STAGED in its name.
    """
    assert isinstance(content, binary_type)
    staged = staged_path(path)
    try:
        with io.open(staged, 'wb') as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        replace(staged, path)
    except BaseException:
        remove_quietly(staged)
        raise
    sync_folder(os.path.dirname(path) or '.')


def write_json(path, value):
    """Put a value as JSON under `path`, as write_atomically does."""
    write_atomically(path, json_text(value).encode('ascii'))


def sync_folder(folder):
    """Make a rename in `folder` survive a power loss. Windows has no such call, its rename is journalled."""
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS, errno.EACCES):  # some network file systems
            raise
    finally:
        os.close(descriptor)


def make_folder(path, mode=0o755):
    """Make a folder with its parents; it may be there already. Raises OSError."""
    try:
        os.makedirs(path, mode)
    except OSError:
        if not os.path.isdir(path):
            raise


def make_read_only(path):
    os.chmod(path, stat.S_IREAD if WINDOWS else 0o444)


def remove_quietly(path):
    """Remove a file that may not be there, may be read-only or may be held by somebody. True when it is gone."""
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return True
        try:
            os.chmod(path, stat.S_IWRITE | stat.S_IREAD)
            os.unlink(path)
        except OSError:
            return False
    return True


def remove_folder(path, patience=2.0):
    """Remove a folder with all in it, read-only files too. On Windows a folder in use is tried again.

    Raises OSError when something is left after `patience` seconds.
    """
    import shutil  # it takes a while, and few commands remove a folder

    def make_writable(function, name, error):
        if function not in (os.remove, os.unlink, os.rmdir):  # a folder that cannot be listed
            six.reraise(*error)
        os.chmod(name, stat.S_IRWXU)
        function(name)
    deadline = monotonic() + patience
    while True:
        try:
            return shutil.rmtree(system_path(path), onerror=make_writable)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return
            if not WINDOWS or monotonic() > deadline:
                raise
            time.sleep(0.05)


def check_name(name, what='name'):
    """`name` when it can be a file's name on every system, without leaving its folder.

    Raises UsageError for separators, drive letters, control characters, reserved device names, a leading or trailing
    dot or blank, and more than 150 characters.
    """
    problem = None
    if not name or name.strip('. ') != name:
        problem = 'it is empty, or begins or ends with a dot or a blank'
    elif len(name) > 150:
        problem = 'it has %d characters, at most 150 fit into every path' % len(name)
    elif FORBIDDEN_IN_NAMES.search(name):
        problem = 'it holds a separator, a drive letter, a control character or one of <>:"|?*'
    elif WINDOWS_DEVICES.match(name):
        problem = 'it is a device on Windows'
    if problem:
        raise UsageError('This %s cannot be a file name: %s' % (what, problem), found=repr(name).lstrip('u'),
                         advice='Rename it where it is written.')
    return name


def check_path(path):
    """`path` when it can be opened and handed to a script on this system and Python. Raises UsageError.

    Windows can be told to take more than 259 characters, but Python 2, which runs most scripts, takes none. And that
    one's processes are started in the letters of the system's code page: all others turn into question marks.
    """
    if PY2 and to_text(path.encode(FILE_SYSTEM_ENCODING, 'replace'), FILE_SYSTEM_ENCODING) != path:
        raise UsageError('This path holds letters that Python 2 cannot hand to another program', where=path,
                         expected='the letters of %s' % FILE_SYSTEM_ENCODING,
                         advice='Put `home` of the configuration into a folder with a plain name.')
    if WINDOWS and len(path) > LONGEST_WINDOWS_PATH:
        raise UsageError('This path is too long for Windows', where=path, found='%d characters' % len(path),
                         expected='at most %d' % LONGEST_WINDOWS_PATH,
                         advice='Put `home` of the configuration into a folder with a shorter path.')
    return path


def slug(text, longest=60):
    """Any text as a part of a file name: letters, digits, `._-`, the rest becomes `-`."""
    return re.sub(r'[^A-Za-z0-9._-]+', '-', text).strip('-.')[:longest] or 'x'
