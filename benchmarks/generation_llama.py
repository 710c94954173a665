"""llama.cpp in the generation benchmark; runs in an environment with gguf and xllamacpp.

python benchmarks/generation_llama.py convert MODEL OUT.gguf
python benchmarks/generation_llama.py --model OUT.gguf --port N ...     (as `llama-server`)
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

#: names of a layer's weights: Hugging Face's and GGUF's
LAYER = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # fmt: skip
OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def convert(folder: Path, out: Path) -> None:
    """Write a Llama model with a byte-level BPE tokenizer as GGUF, in float32."""
    import gguf
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    heads, width = config["num_attention_heads"], config["hidden_size"]
    writer = gguf.GGUFWriter(str(out), "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(width)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_tokenizer(writer, folder, config)
    for name, weights in load_file(folder / "model.safetensors").items():
        owner, _, part = name.removeprefix("model.layers.").partition(".")
        if name.startswith("model.layers."):
            inner = LAYER[part.removesuffix(".weight")]
            if inner in ("attn_q", "attn_k"):
                # llama.cpp rotates neighbouring numbers, Hugging Face the halves of a head
                rows = weights.reshape(heads, 2, width // heads // 2, width)
                weights = rows.swapaxes(1, 2).reshape(weights.shape)
            writer.add_tensor(f"blk.{owner}.{inner}.weight", weights)
        else:
            writer.add_tensor(f"{OUTER[name.removesuffix('.weight')]}.weight", weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: Any, folder: Path, config: dict[str, Any]) -> None:
    saved = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model, special = saved["model"], {token["id"] for token in saved["added_tokens"]}
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    # 3: a control token, 1: a normal one
    writer.add_token_types([3 if number in special else 1 for number in range(len(tokens))])
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    writer.add_token_merges(merges)
    writer.add_bos_token_id(config["eos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)
    template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    writer.add_chat_template(template)


def serve() -> None:
    """llama.cpp's own server, under the arguments of `llama-server`."""
    import xllamacpp

    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("--model", "--host", "--alias"):
        parser.add_argument(name)
    for name in ("--port", "--threads", "--parallel", "--ctx-size", "--top-k"):
        parser.add_argument(name, type=int)
    for name in ("--top-p", "--min-p", "--repeat-penalty"):
        parser.add_argument(name, type=float)
    parser.add_argument("--jinja", action="store_true")
    given = parser.parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = given.model
    params.hostnames, params.port = [given.host], given.port
    params.model_alias = {given.alias}
    params.use_jinja = given.jinja
    params.sampling.top_k, params.sampling.top_p = given.top_k, given.top_p
    params.sampling.min_p, params.sampling.penalty_repeat = given.min_p, given.repeat_penalty
    params.cpuparams.n_threads = given.threads
    params.n_ctx, params.n_parallel = given.ctx_size, given.parallel
    params.endpoint_props = True
    server = xllamacpp.Server(params)
    sys.stderr.write(f"listening at {server.listening_address}\n")
    signal.pause()


if __name__ == "__main__":
    if sys.argv[1:2] == ["convert"]:
        convert(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        serve()
