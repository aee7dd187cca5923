"""Numbers that look random and depend on nothing but their address (seed, stream, index).

A counter-based hash (splitmix64) instead of a generator: any value can be had without those before it, and
the same address gives the same number in every process, on every platform and with every version of Python
and NumPy.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Seeds = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = 2.0**-32


def seed_of(text: str) -> int:
    """Return the 64-bit seed that belongs to a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def mix(values: Seeds) -> Seeds:
    """Scramble 64-bit values (splitmix64's finaliser)."""
    values = values + _GOLDEN
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))


def seeds(seed: int, stream: int, index: Ints) -> Seeds:
    """Return one seed for each index of a stream."""
    base = mix(np.array([seed], dtype=np.uint64) + np.uint64(stream))
    return mix(base ^ mix(index.astype(np.uint64)))


def uniform(states: Seeds) -> Floats:
    """Map seeds to [0, 1)."""
    return (states >> np.uint64(32)).astype(np.float64) * _HALF


def triangular(states: Seeds) -> Floats:
    """Map seeds to (-1, 1), most often near zero: the sum of two uniform halves."""
    return ((states >> np.uint64(32)) + (states & _LOW)).astype(np.float64) * _HALF - 1.0


def normal(states: Seeds) -> Floats:
    """Map seeds to a bell of unit variance that ends at ±3.5.

    The sum of four uniforms, because it needs neither a logarithm nor a cosine, whose last digit differs
    between platforms, and because bounded tails keep a quality check from seeing ghosts.
    """
    return (triangular(states) + triangular(mix(states))) * float(np.sqrt(3.0))
