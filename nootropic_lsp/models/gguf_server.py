"""The process that runs a model file: llama.cpp with its HTTP server, for one `Embedded`.

What to run comes as a line of JSON on standard input; where it listens goes as one to standard
output. It ends when its input does, so it does not outlive who started it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

SLOTS = 2


def main() -> None:
    wanted = json.loads(sys.stdin.buffer.readline())
    answers = os.fdopen(os.dup(1), "w")
    # llama.cpp has things to say; they are not the answer.
    os.dup2(2, 1)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        # The name keeps it alive.
        server = _serve(wanted)
        told = {"url": server.listening_address}
    except (RuntimeError, ValueError, ImportError) as error:
        told = {"error": str(error)}
    print(json.dumps(told), file=answers, flush=True)
    if "url" in told:
        threading.Event().wait()


def _serve(wanted: dict[str, Any]) -> Any:
    import xllamacpp  # noqa: PLC0415 -- so that its absence can be told

    params = xllamacpp.CommonParams()
    params.model.path = wanted["path"]
    params.model_alias = {wanted["name"]}
    params.api_keys = [wanted["token"]]
    # No web page may speak to it.
    params.cors_origins = ""
    params.cors_credentials = False
    params.ui = False
    params.n_ctx = wanted["context_tokens"]
    # So that a gap need not wait for the end of a conversation; they share the context.
    params.n_parallel = SLOTS
    params.kv_unified = True
    if not wanted["use_gpu"]:
        params.n_gpu_layers = 0
    # On a busy machine every further thread makes all of them wait for the slowest.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = wanted["threads"]
    params.embedding = True
    if not wanted["has_pooling"]:
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.warmup = False
    params.verbosity = 1
    params.offline = True
    return xllamacpp.Server(params)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
