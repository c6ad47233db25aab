"""Three of the README's four calls against a Hub that holds a published dataset, metrics and tiny models.

    HF_ENDPOINT=… python -m model_cards.four_calls --org biology

The fourth, `accelerate launch trl_recipes/sft.py`, is a command of its own.
"""

import argparse


def main() -> None:
    """Make the calls and print what each returned."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--org", required=True, help="the namespace that everything was published under")
    org = parser.parse_args().org

    import evaluate
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer

    rows = load_dataset(f"{org}/biology-instructions", "ncrna_family")
    first = rows["test"][0]
    print(f'load_dataset("{org}/biology-instructions", "ncrna_family")')
    print("  ", {split: len(part) for split, part in rows.items()})
    print("  ", first["prompt"][1]["content"], "->", first["completion"][0]["content"])

    score = evaluate.load(f"{org}/mixed_score").compute(predictions=[12.0, 55.0, 80.0], references=[10.0, 60.0, 95.0])
    print(f'evaluate.load("{org}/mixed_score").compute(…)')
    print("  ", score)

    name = f"{org}/chatmultiomics-tiny-stage3"
    tokenizer = AutoTokenizer.from_pretrained(name)
    chat = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
    asked = tokenizer.apply_chat_template(first["prompt"], **chat)
    for revision in ("main", "step-20"):
        model = AutoModelForCausalLM.from_pretrained(name, revision=revision)
        answer = model.generate(**asked, max_new_tokens=40, do_sample=False)[0, asked["input_ids"].shape[1] :]
        print(f'AutoModelForCausalLM.from_pretrained("{name}", revision="{revision}")')
        print("  ", f"{model.num_parameters():,} parameters; answers:", tokenizer.decode(answer))


if __name__ == "__main__":
    main()
