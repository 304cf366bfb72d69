"""Builds a model folder of Stable Diffusion 1.5's true shapes with random weights: what a latent consistency model costs,
without its 4 GB download. Pictures made with it are noise; times and memory are those of the real one.

    python test/bench/full_size.py DIR                # 4 GB in single precision, about three minutes
    python test/bench/full_size.py DIR --half         # graphs in half precision, as for a GPU
    python test/bench/full_size.py DIR --kl           # AutoencoderKL as well, in DIR/kl, for --vae DIR/kl

DIR has the layout that Optimum writes, weights beside the graphs in model.onnx_data. The same seed gives the same weights,
so that torch_step.py needs no copy of them. Needs models/export/requirements.txt.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

SEED = 7
OPSET = 17
GUIDANCE_WIDTH = 256
TOKENS, TEXT_WIDTH, VOCABULARY = 77, 768, 49_408


def unet() -> UNet2DConditionModel:
    torch.manual_seed(SEED)
    return UNet2DConditionModel(sample_size=64, cross_attention_dim=TEXT_WIDTH, time_cond_proj_dim=GUIDANCE_WIDTH).eval()


def text_encoder() -> CLIPTextModel:
    torch.manual_seed(SEED)
    return CLIPTextModel(CLIPTextConfig(vocab_size=VOCABULARY, hidden_size=TEXT_WIDTH, intermediate_size=3_072, num_hidden_layers=12,
                                        num_attention_heads=12, max_position_embeddings=TOKENS, projection_dim=TEXT_WIDTH,
                                        # The fused attention is exported in single precision, whatever the model is in.
                                        attn_implementation="eager")).eval()


def autoencoder_kl() -> AutoencoderKL:
    torch.manual_seed(SEED)
    return AutoencoderKL(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
                         down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4).eval()


def autoencoder_tiny() -> AutoencoderTiny:
    torch.manual_seed(SEED)
    return AutoencoderTiny().eval()


class _Call(nn.Module):
    """A module whose `forward` is a function of it, with plain tensors in and out."""

    def __init__(self, module: nn.Module, call):
        super().__init__()
        self.module = module
        self.call = call

    def forward(self, *inputs):
        return self.call(self.module, *inputs)


class Writer:
    def __init__(self, out: Path, half: bool):
        self.out = out
        self.type = torch.float16 if half else torch.float32

    def graph(self, path: str, module: nn.Module, call, *, inputs: dict, output: str, free: dict) -> None:
        """`free` names the dimensions of each tensor that may have any size."""
        folder = self.out / path
        folder.mkdir(parents=True, exist_ok=True)
        tensors = tuple(value.to(self.type) if value.is_floating_point() else value for value in inputs.values())
        # A model of more than 2 GB is written with a file for each weight; they are then joined into one.
        with tempfile.TemporaryDirectory(dir=folder) as parts:
            traced = Path(parts) / "model.onnx"
            with torch.no_grad():
                torch.onnx.export(_Call(module.to(self.type), call).eval(), tensors, str(traced), input_names=list(inputs),
                                  output_names=[output], dynamic_axes=free, opset_version=OPSET, dynamo=False)
            onnx.save(onnx.load(traced), folder / "model.onnx", save_as_external_data=True, location="model.onnx_data")
        config = module.config if isinstance(module, CLIPTextModel) else {**module.config, "_class_name": type(module).__name__}
        self.json(f"{path}/config.json", config.to_dict() if isinstance(module, CLIPTextModel) else config)
        print(f"{path}: {sum(p.numel() for p in module.parameters()) / 1e6:.1f} million parameters", flush=True)

    def json(self, path: str, value: dict) -> None:
        (self.out / path).parent.mkdir(parents=True, exist_ok=True)
        (self.out / path).write_text(json.dumps(value, indent=2, default=str) + "\n")


PICTURE = {0: "batch", 2: "height", 3: "width"}


def write(out: Path, *, half: bool, kl: bool) -> None:
    writer = Writer(out, half)
    tiny = autoencoder_tiny()
    write_autoencoder(writer, "", tiny, encode=lambda vae, x: vae.encoder(x), output="latent_sample", decode=lambda vae, z: vae.decoder(z))
    if kl:
        write_autoencoder(writer, "kl/", autoencoder_kl(), encode=lambda vae, x: vae.quant_conv(vae.encoder(x)), output="latent_parameters",
                          decode=lambda vae, z: vae.decoder(vae.post_quant_conv(z)))
    writer.graph("text_encoder", text_encoder(), lambda model, ids: model(ids, return_dict=False)[0],
                 inputs={"input_ids": torch.full((2, TOKENS), VOCABULARY - 1)}, output="last_hidden_state",
                 free={"input_ids": {0: "batch"}, "last_hidden_state": {0: "batch"}})
    batch = {0: "batch"}
    writer.graph("unet", unet(), lambda model, x, t, text, w: model(x, t, text, timestep_cond=w, return_dict=False)[0],
                 inputs={"sample": torch.randn(2, 4, 16, 16), "timestep": torch.tensor([499, 259]),
                         "encoder_hidden_states": torch.randn(2, TOKENS, TEXT_WIDTH), "timestep_cond": torch.randn(2, GUIDANCE_WIDTH)},
                 output="out_sample", free={"sample": PICTURE, "timestep": batch, "encoder_hidden_states": batch, "timestep_cond": batch,
                                            "out_sample": PICTURE})
    write_descriptions(writer)


def write_autoencoder(writer: Writer, prefix: str, vae: nn.Module, *, encode, output: str, decode) -> None:
    writer.graph(f"{prefix}vae_encoder", vae, encode, inputs={"sample": torch.rand(2, 3, 128, 128) * 2 - 1}, output=output,
                 free={"sample": PICTURE, output: PICTURE})
    writer.graph(f"{prefix}vae_decoder", vae, decode, inputs={"latent_sample": torch.randn(2, 4, 16, 16)}, output="sample",
                 free={"latent_sample": PICTURE, "sample": PICTURE})


def write_descriptions(writer: Writer) -> None:
    writer.json("model_index.json", {"_class_name": "LatentConsistencyModelPipeline"})
    writer.json("scheduler/scheduler_config.json", {"_class_name": "LCMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                                                    "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
                                                    "original_inference_steps": 50, "prediction_type": "epsilon"})
    # Letters only, no merges: what a prompt becomes does not matter to weights that never saw one.
    letters = [chr(code) for code in range(33, 127)]
    vocabulary = {token: i for i, token in enumerate(letters + [f"{letter}</w>" for letter in letters])}
    vocabulary |= {"<|startoftext|>": VOCABULARY - 2, "<|endoftext|>": VOCABULARY - 1}
    writer.json("tokenizer/vocab.json", vocabulary)
    (writer.out / "tokenizer/merges.txt").write_text("#version: 0.2\n")
    writer.json("tokenizer/tokenizer_config.json", {"model_max_length": TOKENS, "bos_token": "<|startoftext|>",
                                                    "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"})


def main() -> None:
    parser = argparse.ArgumentParser(description="A model folder of Stable Diffusion 1.5's shapes with random weights.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", action="store_true", help="graphs in half precision")
    parser.add_argument("--kl", action="store_true", help="the full autoencoder as well, in OUT/kl")
    args = parser.parse_args()
    shutil.rmtree(args.out, ignore_errors=True)
    write(args.out, half=args.half, kl=args.kl)


if __name__ == "__main__":
    main()
