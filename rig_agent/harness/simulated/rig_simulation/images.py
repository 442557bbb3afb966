"""Sizes of images and movies from the heads of their files; no pixel is read."""
from __future__ import absolute_import, division, print_function

import ast
import re
import struct


def size_of_file(path):
    """(width, height) of an image file, None when its kind is not known. Raises IOError when it is not there."""
    with open(path, 'rb') as stream:
        head = stream.read(64)
    if head[:8] == b'\x89PNG\r\n\x1a\n':
        return struct.unpack('>II', head[16:24])
    if head[:2] == b'BM':
        width, height = struct.unpack('<ii', head[18:26])
        return width, abs(height)
    if head[:6] in (b'GIF87a', b'GIF89a'):
        return struct.unpack('<HH', head[6:10])
    return None


def shape_of_npy(path):
    """(shape, dtype text) of an array file, from its header.

    Raises IOError when it is not there, ValueError when it is no .npy file.
    """
    with open(path, 'rb') as stream:
        magic = stream.read(8)
        if magic[:6] != b'\x93NUMPY':
            raise ValueError('%s is no .npy file: it begins with %r' % (path, magic[:6]))
        if bytearray(magic)[6] == 1:
            length, = struct.unpack('<H', stream.read(2))
        else:
            length, = struct.unpack('<I', stream.read(4))
        text = stream.read(min(length, 1 << 16)).decode('latin-1').strip()
    try:
        header = ast.literal_eval(re.sub(r'(\d)L\b', r'\1', text))  # as Python 2 on Windows writes its long integers
    except SyntaxError:
        raise ValueError('%s is no .npy file: its header is %r' % (path, text[:80]))
    return tuple(int(extent) for extent in header['shape']), str(header['descr'])
