"""What a throughput depends on beside the code: the GPU, its measured matrix peak, and the versions in use."""

import platform
import subprocess
from importlib.metadata import version


def describe_device(device: str) -> dict:
    """Name and memory of `cuda` or `cpu`; power limit, clocks, matrix peak, error of the varlen kernel; versions."""
    versions = {name: version(name) for name in ("torch", "transformers", "trl", "peft", "accelerate")}
    if device == "cpu":
        return {"name": platform.machine(), "memory_gib": None} | versions
    import torch

    query = "--query-gpu=driver_version,power.limit,clocks.max.sm,clocks.sm"
    answer = subprocess.run(["nvidia-smi", query, "--format=csv,noheader"], capture_output=True, text=True)
    return {
        "name": torch.cuda.get_device_name(),
        "memory_gib": round(torch.cuda.mem_get_info()[1] / 2**30, 1),
        "driver, power limit, highest clock, clock": answer.stdout.strip(),
        "matmul_tflops": matmul_tflops(),
        "varlen_error": varlen_error(device),
    } | versions


def matmul_tflops(size: int = 8192, times: int = 10) -> float:
    """TFLOP/s of a bf16 product of two random square matrices."""
    import torch

    a, b = (torch.randn(size, size, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    begun, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    for repeats in (3, times):  # the first to warm up
        begun.record()
        for _ in range(repeats):
            a @ b
        ended.record()
    torch.cuda.synchronize()
    return round(2 * size**3 * times / begun.elapsed_time(ended) / 1e9, 1)


def varlen_error(device: str) -> float | str:
    """Largest relative difference of the varlen kernel's output and gradients from sdpa's, or why there is none."""
    import torch
    from transformers import AttentionInterface, LlamaConfig, LlamaForCausalLM

    from trl_recipes.attention import NAME, per_document, use_varlen

    try:
        use_varlen(
            LlamaForCausalLM(LlamaConfig(vocab_size=8, hidden_size=8, num_attention_heads=1, num_hidden_layers=1))
        )
        make = {"device": device, "dtype": torch.bfloat16, "requires_grad": True}
        q, k, v = (torch.randn(1, heads, 300, 128, **make) for heads in (8, 2, 2))
        ends = torch.tensor([0, 100, 101, 300], dtype=torch.int32, device=device)
        module = torch.nn.Module()
        kernel, _ = AttentionInterface()[NAME](module, q, k, v, None, 0.1, cu_seq_lens_q=ends, max_length_q=256)
        exact = per_document(q, k, v, ends, 0.1).transpose(1, 2)
        gradients = (torch.autograd.grad(out.square().sum(), (q, k, v)) for out in (kernel, exact))
        pairs = [(kernel, exact), *zip(*gradients, strict=True)]
        return round(max(((a - b).float().norm() / b.float().norm()).item() for a, b in pairs), 5)
    except Exception as error:  # noqa: BLE001 what does not need the kernel is still worth measuring
        return f"{type(error).__name__}: {error}"
