"""Reads word pieces through the encoder all-MiniLM-L6-v2 and writes what it makes of each.

For every number of a piece given on standard input (one a line) the sequence [CLS] piece [SEP] goes
through the encoder; the mean of its three last hidden states is written to the file OUT as 384
little-endian floats. This is the only step of training that needs the encoder's weights; everything
after it is Rust.

Use: rows.py MODEL_FOLDER OUT < numbers
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np

LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12
CLS, SEP = 101, 102
BATCH = 512


def read_weights(path):
    """The tensors of a safetensors file, all of them 32-bit floats."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        data = np.frombuffer(raw, dtype="<f4", count=(end - start) // 4, offset=8 + length + start)
        tensors[name] = data.reshape(entry["shape"])
    return tensors


def erf(x):
    """Formula 7.1.26 of Abramowitz and Stegun; its error is below 1.5e-7."""
    t = 1.0 / (1.0 + 0.3275911 * np.abs(x))
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return np.sign(x) * (1.0 - series * np.exp(-x * x))


def gelu(x):
    return 0.5 * x * (1.0 + erf(x / np.sqrt(2.0, dtype=np.float32)))


class Encoder:
    def __init__(self, weights):
        self.weights = weights

    def dense(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def attend(self, x, name):
        count, length, _ = x.shape
        query, key, value = (
            self.dense(x, f"{name}.self.{part}").reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS).astype(np.float32)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores = scores / scores.sum(-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(count, length, WIDTH)
        return self.norm(x + self.dense(mixed, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def encode(self, pieces):
        """The mean last hidden state of [CLS] piece [SEP], for each piece."""
        ids = np.stack([np.full_like(pieces, CLS), pieces, np.full_like(pieces, SEP)], axis=1)
        embedding = "embeddings.{}_embeddings.weight"
        x = self.weights[embedding.format("word")][ids]
        x = x + self.weights[embedding.format("position")][: ids.shape[1]]
        x = self.norm(x + self.weights[embedding.format("token_type")][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            x = self.attend(x, f"{name}.attention")
            inner = gelu(self.dense(x, f"{name}.intermediate.dense"))
            x = self.norm(x + self.dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return x.mean(1)


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    pieces = np.array([int(line) for line in sys.stdin], dtype=np.int64)
    encoder = Encoder(read_weights(folder / "model.safetensors"))
    with out.open("wb") as file:
        for start in range(0, len(pieces), BATCH):
            rows = encoder.encode(pieces[start : start + BATCH])
            file.write(rows.astype("<f4").tobytes())
            print(f"{min(start + BATCH, len(pieces))} of {len(pieces)} pieces", file=sys.stderr)


if __name__ == "__main__":
    main()
