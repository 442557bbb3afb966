"""Libraries of a newer Python made to behave as the rig's: what a script may rely on there must not fail here.

A rig has PyYAML and numpy of about 2017. `yaml.load(text)` without a loader and names like `numpy.float` work there and
fail with today's versions. Both are served and noted. Shuffles are made repeatable by the simulation's seed.
"""
from __future__ import absolute_import, division, print_function

import contextlib
import os
import random
import sys

from rig_simulation import places, rig, web
from rig_simulation.clock import RealTime, real_datetimes
from rig_simulation.options import OPTIONS, native
from rig_simulation.report import REPORT

REMOVED_FROM_NUMPY = {'float': float, 'int': int, 'bool': bool, 'object': object, 'complex': complex, 'str': str}
RENAMED_IN_NUMPY = {'float_': 'float64', 'int0': 'intp', 'unicode_': 'str_', 'string_': 'bytes_', 'Inf': 'inf',
                    'infty': 'inf', 'NaN': 'nan', 'NAN': 'nan', 'PINF': 'inf', 'product': 'prod', 'cumproduct':
                    'cumprod', 'alltrue': 'all', 'sometrue': 'any', 'in1d': 'isin', 'trapz': 'trapezoid', 'round_':
                    'round', 'row_stack': 'vstack', 'bool8': 'bool_', 'complex_': 'complex128', 'asfarray': 'asarray'}


def install():
    for name in PATCHES:
        if name in sys.modules:
            PATCHES[name](sys.modules[name])
    random.seed(OPTIONS.seed)
    if sys.version_info[0] == 2:
        sys.meta_path.insert(0, AfterImport())
    else:
        sys.meta_path.insert(0, AfterImport3())


def patch_yaml(yaml):
    if tuple(int(part) for part in yaml.__version__.split('.')[:1]) < (6,):
        return
    load, load_all = yaml.load, yaml.load_all

    def with_default(real):
        def call(stream, Loader=None):
            if Loader is None:
                REPORT.note('yaml.load without a Loader: works on a rig, no longer with PyYAML 6; read safely here')
                Loader = yaml.SafeLoader
            return real(stream, Loader)
        return call
    yaml.load, yaml.load_all = with_default(load), with_default(load_all)


def patch_numpy(numpy):
    numpy.random.seed(OPTIONS.seed)
    beyond = numpy.__dict__.get('__getattr__')
    if beyond is None:  # numpy before 1.20 has all the names
        return

    def served(name):
        if name in REMOVED_FROM_NUMPY or name in RENAMED_IN_NUMPY:
            REPORT.note('numpy.%s: a rig has it, newer numpy has not' % name)
            return REMOVED_FROM_NUMPY[name] if name in REMOVED_FROM_NUMPY else getattr(numpy, RENAMED_IN_NUMPY[name])
        return beyond(name)
    numpy.__getattr__ = served


def patch_h5py(h5py):
    """The real one opens files on its own: paths of a rig are led here as for `open`, and written down."""
    real = h5py.File.__init__

    def watched(self, name, mode='r', *arguments, **keywords):
        path = places.as_text(name)
        if path is not None:
            target = places.resolve(path)
            if target is not path and mode != 'r':
                places.make_parent(target)
            name = target
        try:
            real(self, name, mode, *arguments, **keywords)
        except EnvironmentError as error:
            if path is not None and mode == 'r' and not os.path.isfile(target):
                REPORT.file('missing', native(path))
                error.rig_agent_of = 'environment' if places.is_foreign(path) else 'script'
            raise
        if path is not None:
            REPORT.file('read' if mode == 'r' else 'written', native(target))
    h5py.File.__init__ = watched


def patch_multiprocessing(module):
    """It waits for real processes."""
    if hasattr(module, 'time'):
        module.time = RealTime


MULTIPROCESSING = ['multiprocessing.' + name for name in ('forking', 'connection', 'queues', 'pool',
                                                           'popen_spawn_win32')]
REAL_DATETIMES = ('pandas', 'pyarrow')  # while they are imported
WINTYPES = 'ctypes.wintypes'
PATCHES = dict.fromkeys(REAL_DATETIMES + (WINTYPES,), lambda module: None)
PATCHES.update({'yaml': patch_yaml, 'numpy': patch_numpy, 'h5py': patch_h5py, 'requests': web.patch_requests,
                'ctypes': rig.patch_ctypes, 'psutil': rig.patch_psutil})
PATCHES.update(dict.fromkeys(MULTIPROCESSING, patch_multiprocessing))
PATCHES.update({name: web.patch_urllib for name in web.URLLIB})


@contextlib.contextmanager
def care_for(name):
    """What has to be different while this library is imported."""
    if name in REAL_DATETIMES:
        with real_datetimes():
            yield
    elif name == WINTYPES:
        with rig.importable_wintypes():
            yield
    else:
        yield


class AfterImport3(object):
    """Calls a patch right after its library was imported, on Python 3."""

    def __init__(self):
        self.busy = set()

    def find_spec(self, name, path=None, target=None):
        if name not in PATCHES or name in self.busy:
            return None
        import importlib.util
        self.busy.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.busy.discard(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_patch(module):
                with care_for(name):
                    run(module)
                PATCHES[name](module)
            spec.loader.exec_module = run_and_patch
        return spec


class AfterImport(object):
    """The same on Python 2."""

    def __init__(self):
        self.busy = set()

    def find_module(self, name, path=None):
        return self if name in PATCHES and name not in self.busy else None

    def load_module(self, name):
        self.busy.add(name)
        try:
            with care_for(name):
                __import__(name)
        finally:
            self.busy.discard(name)
        PATCHES[name](sys.modules[name])
        return sys.modules[name]
