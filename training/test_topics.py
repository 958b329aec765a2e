"""Retrains a small model twice and holds the two equal byte for byte, and the file to what the program reads.

    cargo build --example topic_features
    python3 training/test_topics.py

Needs numpy, scipy and scikit-learn. The rows are some of our own items, the vectors stand-ins made of each word's digest.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ.setdefault("TOPIC_FEATURES", str(HERE.parent / "target/debug/examples/topic_features"))
sys.path.insert(0, str(HERE))

import numpy as np  # noqa: E402
import topics  # noqa: E402

# One item in this many of each code is enough to show that nothing depends on chance.
THINNED = 12


class Retraining(unittest.TestCase):
    def test_training_twice_gives_the_same_bytes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            models = [train_small(Path(folder) / name) for name in ("first", "second")]
        self.assertEqual(models[0], models[1])
        self.assertEqual(models[0][:8], topics.MAGIC)
        self.assertEqual(hashlib.sha256(models[0][:-32]).digest(), models[0][-32:])

    def test_words_hash_as_the_program_hashes_them(self) -> None:
        # From the program: hash_word("war"), hash_word("straße" folded), hash_phrase over "peace talks".
        for gram in ("war", "strasse", "peace talks", "東", "العراق"):
            with self.subTest(gram):
                self.assertEqual(topics.hash_gram(gram), program_hash(gram))


def program_hash(gram: str) -> int:
    done = subprocess.run([os.environ["TOPIC_FEATURES"], "--hash", gram], capture_output=True, text=True, check=True)
    return int(done.stdout)


def thin_out(folder: Path) -> None:
    """Some of our own items of each file and code."""
    folder.mkdir()
    for path in topics.WRITTEN.glob("*.txt"):
        kept, place = [], 0
        for line in path.read_text(encoding="utf-8").splitlines():
            place = 0 if line.startswith("[") else place + 1
            if place % THINNED == 0:
                kept.append(line)
        (folder / path.name).write_text("\n".join(kept), encoding="utf-8")


def train_small(folder: Path) -> bytes:
    folder.mkdir()
    thin_out(folder / "written")
    environment = os.environ | {"TOPIC_WRITTEN": str(folder / "written")}
    rows, glove, words, vectors, model = (folder / name for name in ("rows", "glove", "words", "vectors.npz", "model"))
    rows.write_text("")
    glove.write_text(json.dumps({"words": ["the", "of", "war"]}))
    script = str(HERE / "topics.py")

    def run(*arguments: str | Path) -> None:
        subprocess.run([sys.executable, script, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)

    run("words", rows, glove, words)
    names = json.loads(words.read_text())
    stand_ins = np.array([[byte / 255 for byte in hashlib.sha256(name.encode()).digest()] for name in names], np.float16)
    np.savez_compressed(vectors, words=np.array(names), minilm=stand_ins, glove=stand_ins[:, :8])
    run("train", rows, vectors, model)
    return model.read_bytes()


if __name__ == "__main__":
    unittest.main()
