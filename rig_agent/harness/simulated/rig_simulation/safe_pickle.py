"""Pickles read without running them: containers, numbers, text, numpy arrays; anything else is a placeholder."""
from __future__ import absolute_import, division, print_function

import pickle

SAFE = {'set': set, 'frozenset': frozenset, 'complex': complex, 'bytearray': bytearray, 'slice': slice,
        'object': object}


class Shape(object):
    """What is known of an array that was not made: its shape and its type."""

    def __init__(self, *arguments):
        self.shape, self.dtype = (), None

    def __setstate__(self, state):
        if isinstance(state, tuple) and len(state) == 5:  # of an array: version, shape, dtype, order, bytes
            self.shape, self.dtype = state[1], state[2]

    def __len__(self):
        return self.shape[0] if self.shape else 0

    @property
    def ndim(self):
        return len(self.shape)


class Dtype(object):
    def __init__(self, *arguments):
        self.text = str(arguments[0]) if arguments else ''

    def __setstate__(self, state):
        pass

    def __str__(self):
        return self.text


class Placeholder(object):
    """An object of a class that is not made."""

    def __init__(self, *arguments, **keywords):
        pass

    def __setstate__(self, state):
        if isinstance(state, dict):
            self.__dict__.update({str(key): value for key, value in state.items()})


def _shape(shape):
    made = Shape()
    made.shape = shape
    return made


# What the pickles of arrays, of numbers and of their types call.
OF_NUMPY = {'_reconstruct': lambda *_: Shape(), 'scalar': lambda dtype, content=b'': 0.0, 'ndarray': Shape,
            'dtype': Dtype, '_frombuffer': lambda content, dtype, shape, order: _shape(shape)}


def _base():
    try:
        return pickle._Unpickler  # Python 3: the one written in Python, for `latin1` and for hooks alike
    except AttributeError:
        return pickle.Unpickler


class SafeUnpickler(_base()):
    def find_class(self, module, name):
        if module in ('builtins', '__builtin__') and name in SAFE:
            return SAFE[name]
        if module in ('collections',) and name == 'OrderedDict':
            from collections import OrderedDict
            return OrderedDict
        if module == '_codecs' and name == 'encode':
            return lambda text, encoding='latin1': text.encode('latin1')
        if module.startswith('numpy'):
            return OF_NUMPY.get(name, Placeholder)
        return Placeholder

    def persistent_load(self, identity):
        return None

    def get_extension(self, code):
        raise pickle.UnpicklingError('an extension of pickle is not read')


def load_file(path):
    """What is in a pickle file, arrays as `Shape`. Raises IOError, ValueError when it is no pickle."""
    with open(path, 'rb') as stream:
        try:
            if pickle.Unpickler is _base():
                return SafeUnpickler(stream).load()
            return SafeUnpickler(stream, encoding='latin1').load()
        except (EOFError, KeyError, IndexError, AttributeError, TypeError, pickle.UnpicklingError, ValueError,
                ImportError, UnicodeError) as error:
            raise ValueError('%s is no pickle that can be read: %s' % (path, error))
