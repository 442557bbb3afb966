"""The C types of NI-DAQmx."""
from __future__ import absolute_import, division, print_function

from ctypes import (POINTER, byref, c_char_p, c_double, c_int16, c_int32, c_int64, c_uint8, c_uint16,  # noqa: F401
                    c_uint32, c_uint64, c_void_p, pointer)

int8 = uInt8 = c_uint8
int16, uInt16, int32, uInt32, int64, uInt64 = c_int16, c_uint16, c_int32, c_uint32, c_int64, c_uint64
float64, bool32, TaskHandle, CalHandle = c_double, c_uint32, c_void_p, c_uint32
