"""Ends by an access violation."""
import ctypes

EXPECTED = ['crashed']

print('about to fall')
ctypes.string_at(0)
