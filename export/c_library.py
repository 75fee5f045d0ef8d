"""The functions of TensorFlow's C API, declared for ctypes: `c_api.h`."""

import ctypes
import functools
import importlib.util
import pathlib

_NAME = "libtensorflow_cc.so.2"


class Buffer(ctypes.Structure):
    """TF_Buffer."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("data_deallocator", ctypes.c_void_p),
    )


class Output(ctypes.Structure):
    """TF_Output."""

    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


@functools.cache
def load() -> ctypes.CDLL:
    """The library of the installed wheel; `tensorflow` is not imported.

    Raises:
        ImportError: If it is not there, or not for this machine.
    """
    package = importlib.util.find_spec("tensorflow")
    if package is None:
        raise ImportError("TensorFlow is not installed.")
    path = pathlib.Path(package.origin).with_name(_NAME)
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise ImportError(f"Cannot load {path}: {error}.") from error
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    buffer, size = ctypes.POINTER(Buffer), ctypes.c_size_t
    outputs, pointers = ctypes.POINTER(Output), ctypes.POINTER(pointer)
    sizes = ctypes.POINTER(ctypes.c_int64)
    declarations = {
        "TF_NewStatus": (pointer,),
        "TF_GetCode": (number, pointer),
        "TF_Message": (text, pointer),
        "TF_DeleteStatus": (None, pointer),
        "TF_NewBuffer": (buffer,),
        "TF_DeleteBuffer": (None, buffer),
        "TF_NewGraph": (pointer,),
        "TF_DeleteGraph": (None, pointer),
        "TF_GraphOperationByName": (pointer, pointer, text),
        "TF_NewSessionOptions": (pointer,),
        "TF_DeleteSessionOptions": (None, pointer),
        "TF_LoadSessionFromSavedModel": (
            *(pointer, pointer, buffer, text, ctypes.POINTER(text), number),
            *(pointer, buffer, pointer),
        ),
        "TF_CloseSession": (None, pointer, pointer),
        "TF_DeleteSession": (None, pointer, pointer),
        "TF_SessionRun": (
            *(None, pointer, buffer, outputs, pointers, number),
            *(outputs, pointers, number, pointers, number, buffer, pointer),
        ),
        "TF_AllocateTensor": (pointer, number, sizes, number, size),
        "TF_DeleteTensor": (None, pointer),
        "TF_TensorType": (number, pointer),
        "TF_NumDims": (number, pointer),
        "TF_Dim": (ctypes.c_int64, pointer, number),
        "TF_TensorData": (pointer, pointer),
        "TF_StringInit": (None, pointer),
        "TF_StringAssignView": (None, pointer, text, size),
        "TF_StringGetDataPointer": (pointer, pointer),
        "TF_StringGetSize": (size, pointer),
    }
    for name, (result, *arguments) in declarations.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
