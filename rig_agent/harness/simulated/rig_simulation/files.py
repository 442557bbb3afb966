"""Files that a script opens: written down, led to where they are on this machine, stood in for when missing."""
from __future__ import absolute_import, division, print_function

import errno
import genericpath
import io
import os
import sys

from rig_simulation import fakes, libraries, places
from rig_simulation.options import native
from rig_simulation.report import REPORT
try:
    import builtins
except ImportError:  # Python 2
    import __builtin__ as builtins

TEXT = places.TEXT
CO_VARARGS, CO_VARKEYWORDS = 4, 8  # as in `inspect`, which takes long to import
SEVERAL = ('rename', 'replace', 'link', 'symlink')  # functions of two paths


def install():
    """Change the functions that a script sees."""
    places.install()
    builtin, of_io = builtins.open, io.open
    io.open = opener(of_io)
    builtins.open = io.open if builtin is of_io else opener(builtin)
    for name in ('stat', 'lstat', 'access', 'listdir', 'scandir', 'mkdir', 'rmdir', 'remove', 'unlink', 'chdir',
                 'utime', 'chmod', 'open'):
        if hasattr(os, name):
            setattr(os, name, redirected(getattr(os, name), name))
    for name in SEVERAL:
        if hasattr(os, name):
            setattr(os, name, redirected_twice(getattr(os, name), moves=name in ('rename', 'replace')))
    if hasattr(builtins, 'execfile'):  # Python 2
        builtins.execfile = _execfile
        builtins.file = _class_of_files(builtins.file)
    if os.name == 'nt':  # newer Pythons ask Windows itself there
        for name in ('exists', 'isfile', 'isdir'):
            setattr(os.path, name, getattr(genericpath, name))
    import glob
    for name in ('glob', 'iglob'):
        setattr(glob, name, _with_images(getattr(glob, name)))


def opener(real):
    """`open` that knows what was opened."""
    def open(file, mode='r', *arguments, **keywords):
        path = places.as_text(file)
        if path is None:
            return real(file, mode, *arguments, **keywords)
        target = places.resolve(path)
        writing = any(letter in mode for letter in 'wax+')
        if writing and places.is_led(path):
            places.make_parent(target)
        try:
            stream = real(target if target is not path else file, mode, *arguments, **keywords)
        except EnvironmentError as error:
            if error.errno == errno.ENOENT and not writing and is_of_script(path):
                substitute = fakes.stand_in(path)
                if substitute is not None:
                    return real(substitute, mode, *arguments, **keywords)
                if is_asked_by_script(path):
                    REPORT.file('missing', native(path))
            error.filename = path
            if writing:
                error.rig_agent_of = 'script'
            raise
        if is_of_script(path):
            REPORT.file('written' if writing else 'read', native(os.path.abspath(target) if writing else path))
        return stream
    return open


def redirected(real, name):
    """A function of `os` for a path; what asks whether an asset is there hears of its stand-in."""
    asks = name in ('stat', 'access', 'lstat')
    lists = name in ('listdir', 'scandir')

    def call(path='.', *arguments, **keywords):
        text = places.as_text(path)
        if text is None:
            return real(path, *arguments, **keywords)
        target = places.resolve(text)
        if target is not text:
            path = target
            if name == 'mkdir' and places.is_led(text):
                places.make_parent(path)
        if not fakes.OPTIONS.fake_assets or not (asks or lists):
            return real(path, *arguments, **keywords)
        try:
            found = real(path, *arguments, **keywords)
        except EnvironmentError as error:
            substitute = error.errno == errno.ENOENT and is_of_script(text) and (
                asks and fakes.stand_in(text, probing=True) or fakes.stand_in_folder(text))
            if not substitute:
                raise
            return real(substitute, *arguments, **keywords)
        if found is False and is_of_script(text):
            substitute = fakes.stand_in(text, probing=True)
            return found if substitute is None else real(substitute, *arguments, **keywords)
        return found
    return call


def _class_of_files(real):
    """Python 2's `file`: opens as `open` does, and is the class of what that opens."""
    kind = type('type', (type,), {'__call__': lambda _, *arguments, **keywords: builtins.open(*arguments, **keywords),
                                  '__instancecheck__': lambda _, thing: isinstance(thing, real)})
    return kind('file', (real,), {})


def _execfile(filename, global_names=None, local_names=None):
    """As Python 2's, of a file that `open` finds."""
    with builtins.open(filename, 'rb') as stream:
        code = compile(stream.read(), filename, 'exec', 0, True)
    if global_names is None:
        caller = sys._getframe(1)
        global_names, local_names = caller.f_globals, caller.f_locals
    exec(code, global_names, global_names if local_names is None else local_names)


def redirected_twice(real, moves=False):
    def call(source, destination, *arguments, **keywords):
        source, destination = _lead(source), _lead(destination)
        done = real(source, destination, *arguments, **keywords)
        if moves:
            _written_elsewhere(source, destination)
        return done
    return call


def _written_elsewhere(source, destination):
    """What was written and then moved into its place was written there."""
    source, destination = [native(os.path.abspath(places.as_text(path) or '')) for path in (source, destination)]
    written = REPORT.files['written']
    if source in written:
        written[destination] = written.pop(source)


def _lead(path):
    text = places.as_text(path)
    target = text and places.resolve(text)
    return path if target is text else target


def _with_images(real):
    """Looking for images in a folder that is not there finds stand-ins."""
    def call(pathname, *arguments, **keywords):
        folder, pattern = os.path.split(pathname)
        extension = os.path.splitext(pattern)[1].lower()
        if extension in fakes.IMAGES and folder and not os.path.isdir(folder) and '*' not in folder:
            substitute = fakes.stand_in_folder(folder, extension)
            if substitute is not None:
                pathname = os.path.join(substitute, pattern)
        return real(pathname, *arguments, **keywords)
    return call


def is_of_script(path):
    """Whether a path says something of the script: not of the interpreter's own or the system's files."""
    return places.is_foreign(path) or (libraries.is_of_script(path) and places.DRIVES not in path)


def is_asked_by_script(path):
    """Whether the script opens a file, or gave its path to the library that does; others only try what there may be."""
    called, frame = None, sys._getframe(1)
    while frame is not None and not libraries.is_code_of_script(libraries.file_of(frame)):
        if not libraries.is_passed_over(libraries.file_of(frame)):
            called = frame
        frame = frame.f_back
    return frame is None or called is None or os.path.abspath(path) in _paths(_arguments(called))


def _arguments(frame):
    code = frame.f_code
    count = code.co_argcount + getattr(code, 'co_kwonlyargcount', 0)
    count += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return [frame.f_locals[name] for name in code.co_varnames[:count] if name in frame.f_locals]


def _paths(values):
    """The paths among values, and in the lists and dictionaries among them."""
    for value in values:
        if isinstance(value, (tuple, list)):
            for path in _paths(value):
                yield path
        elif isinstance(value, dict):
            for path in _paths(value.values()):
                yield path
        elif isinstance(value, TEXT + (bytes,)) or hasattr(type(value), '__fspath__'):
            yield os.path.abspath(places.as_text(value))
