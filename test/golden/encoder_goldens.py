"""Known answers for the text encoders: tiny random models of each architecture by transformers, with their weights.

Per architecture: token batch, last hidden states, pooled embeddings, and the gradient of sum(c * normalised mean embedding)
with respect to LoRA (by peft), LayerNorms and biases, and bottleneck adapters (Houlsby 2019, Pfeiffer 2020). Weights are
float32; expected values are computed in float64. Needs torch, transformers, peft, numpy.

    python3 encoder_goldens.py            # writes encoder.json
"""

import base64
import json
import pathlib

import numpy
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    GPT2Config,
    GPT2Model,
    RobertaConfig,
    RobertaModel,
)

HIDDEN, LAYERS, HEADS, FFN, VOCABULARY, POSITIONS = 16, 2, 2, 32, 60, 24
LENGTHS, PADDING = (7, 4, 9), {"roberta": 1}
RANK, ALPHA, BOTTLENECK = 3, 6, 4


def packed(tensor):
    values = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"shape": list(values.shape), "float32": base64.b64encode(values.tobytes()).decode()}


def models():
    bert = dict(
        vocab_size=VOCABULARY,
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=FFN,
        max_position_embeddings=POSITIONS,
        type_vocab_size=2,
    )
    yield "bert", BertModel(BertConfig(**bert), add_pooling_layer=False)
    distil = DistilBertConfig(
        vocab_size=VOCABULARY, dim=HIDDEN, n_layers=LAYERS, n_heads=HEADS, hidden_dim=FFN, max_position_embeddings=POSITIONS
    )
    yield "distilbert", DistilBertModel(distil)
    roberta = RobertaConfig(**{**bert, "type_vocab_size": 1}, pad_token_id=1)
    yield "roberta", RobertaModel(roberta, add_pooling_layer=False)
    yield "electra", ElectraModel(ElectraConfig(**bert, embedding_size=8))
    gpt2 = GPT2Config(vocab_size=VOCABULARY, n_embd=HIDDEN, n_layer=LAYERS, n_head=HEADS, n_inner=FFN, n_positions=POSITIONS)
    yield "gpt2", GPT2Model(gpt2)


def configuration(architecture):
    common = dict(
        hiddenSize=HIDDEN,
        layers=LAYERS,
        heads=HEADS,
        intermediateSize=FFN,
        vocabularySize=VOCABULARY,
        maximumPositions=POSITIONS,
        layerNormEpsilon=1e-5 if architecture == "gpt2" else 1e-12,
        activation="gelu-new" if architecture == "gpt2" else "gelu",
        pooling="mean",
        normalise=True,
    )
    if architecture == "gpt2":
        return {"family": "gpt2", **common}
    padding = PADDING.get(architecture, 0)
    return {
        "family": "bert",
        "architecture": architecture,
        **common,
        "embeddingSize": 8 if architecture == "electra" else HIDDEN,
        "typeVocabularySize": {"distilbert": 0, "roberta": 1}.get(architecture, 2),
        "firstPosition": padding + 1 if architecture == "roberta" else 0,
        "paddingId": padding,
    }


def targets(architecture):
    """The LoRA targets, as peft names them: query and value, output and intermediate in all."""
    return {
        "distilbert": ["q_lin", "v_lin", "out_lin", "lin1"],
        "gpt2": ["c_attn", "c_fc"],
    }.get(architecture, ["query", "value", "attention.output.dense", "intermediate.dense"])


def places(architecture, kind):
    """Modules whose output a bottleneck adapter follows."""
    attention, ffn = {
        "distilbert": ("attention.out_lin", "ffn.lin2"),
        "gpt2": ("attn.c_proj", "mlp.c_proj"),
    }.get(architecture, ("attention.output.dense", "output.dense"))
    prefix = {"distilbert": "transformer.layer", "gpt2": "h"}.get(architecture, "encoder.layer")
    return [f"{prefix}.{n}.{m}" for n in range(LAYERS) for m in ((attention, ffn) if kind == "houlsby" else (ffn,))]


def main():
    goldens = []
    for seed, (architecture, model) in enumerate(models()):
        generator = torch.Generator().manual_seed(seed)
        draw = lambda *shape, scale: (torch.randn(*shape, generator=generator) * scale).to(torch.float32)
        for name, parameter in model.named_parameters():
            values = draw(*parameter.shape, scale=0.25)
            parameter.data = values + 1 if ("LayerNorm.weight" in name or "layer_norm.weight" in name or "ln_" in name and name.endswith("weight")) else values
        weights = {name: packed(p) for name, p in model.named_parameters()}
        model = model.double().eval()
        model.set_attn_implementation("eager")
        padding, longest = PADDING.get(architecture, 0), max(LENGTHS)
        ids = torch.full((len(LENGTHS), longest), padding)
        mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, length in enumerate(LENGTHS):
            ids[row, :length] = torch.randint(3, VOCABULARY, (length,), generator=generator)
            mask[row, :length] = 1
            if architecture in ("bert", "electra"):
                types[row, length // 2 : length] = 1
        inputs = dict(input_ids=ids, attention_mask=mask)
        if architecture in ("bert", "electra"):
            inputs["token_type_ids"] = types
        c = draw(len(LENGTHS), HIDDEN, scale=1.0).double()

        def embed():
            hidden = model(**inputs).last_hidden_state
            weight = mask.double().unsqueeze(-1)
            return hidden, (hidden * weight).sum(1) / weight.sum(1)

        def gradients(parameters):
            mean = embed()[1]
            normalised = mean / mean.norm(dim=1, keepdim=True)
            found = torch.autograd.grad((c * normalised).sum(), [p for _, p in parameters])
            return {name: {"value": packed(p), "gradient": packed(g)} for (name, p), g in zip(parameters, found)}

        hidden, mean = embed()
        last = hidden[torch.arange(len(LENGTHS)), mask.sum(1) - 1]
        golden = {
            "architecture": architecture,
            "configuration": configuration(architecture),
            "weights": weights,
            "batch": dict(size=len(LENGTHS), length=longest, ids=ids.flatten().tolist(), mask=mask.flatten().tolist(), typeIds=types.flatten().tolist()),
            "hidden": packed(hidden),
            "pooled": {"mean": packed(mean), "cls": packed(hidden[:, 0]), "last": packed(last)},
            "outputGradient": packed(c),
        }
        is_norm_or_bias = lambda n: n.endswith("bias") or "orm.weight" in n or "ln_" in n
        golden["norms"] = gradients([
            (n, p) for n, p in model.named_parameters() if is_norm_or_bias(n) and not n.startswith(("embeddings", "ln_f"))
        ])
        for kind in ("houlsby", "pfeiffer"):
            modules = dict(model.named_modules())
            parameters, handles = [], []
            for place in places(architecture, kind):
                shapes = dict(down=(BOTTLENECK, HIDDEN), up=(HIDDEN, BOTTLENECK))
                own = {}
                for part, shape in shapes.items():
                    own[part] = [draw(*shape, scale=0.3).double().requires_grad_(), draw(shape[0], scale=0.3).double().requires_grad_()]
                    parameters += [(f"{place}.adapter.{part}.weight", own[part][0]), (f"{place}.adapter.{part}.bias", own[part][1])]

                def hook(_module, _input, output, own=own):
                    inner = torch.relu(torch.nn.functional.linear(output, *own["down"]))
                    return output + torch.nn.functional.linear(inner, *own["up"])

                handles.append(modules[place].register_forward_hook(hook))
            golden[kind] = {"bottleneck": BOTTLENECK, "tensors": gradients(parameters)}
            for handle in handles:
                handle.remove()
        lora = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets(architecture), lora_dropout=0, fan_in_fan_out=architecture == "gpt2")
        wrapped = get_peft_model(model, lora)
        trained = [(n, p) for n, p in wrapped.named_parameters() if ".lora_" in n]
        for _, p in trained:
            p.data = draw(*p.shape, scale=0.2).double()
        short = lambda n: n.removeprefix("base_model.model.").replace(".default", "")
        found = gradients([(short(n), p) for n, p in trained])
        golden["lora"] = {"rank": RANK, "alpha": ALPHA, "tensors": found, "mean": packed(embed()[1])}
        goldens.append(golden)
    path = pathlib.Path(__file__).with_name("encoder.json")
    path.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)


main()
