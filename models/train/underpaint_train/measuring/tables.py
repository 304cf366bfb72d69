"""The figures of an evaluation as tables of the model card."""

from collections.abc import Iterable

FACETS = ("kind", "time", "season", "weather", "things", "all")
PIXEL_LEVELS = ("32", "16", "mean")
NAMES = {
    "student": "distilled, then sharpened",
    "distilled": "distilled (DDIM, Huber)",
    "isolated": "in isolation",
    "teacher": "teacher, DDIM",
}
PIXEL_NAMES = {"teacher": "diffusion model, Heun", "student": "distilled (Heun, Huber)", "isolated": "in isolation"}


def table(head: list, rows: list) -> str:
    """A Markdown table; the first column is words, the others are numbers."""

    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"

    return "\n".join([line(head), "|---|" + "---:|" * (len(head) - 1), *map(line, rows)])


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def trainer_name(folder: str) -> str:
    if folder in NAMES:
        return NAMES[folder]
    kind, *how = folder.split("-")
    return f"{'distilled' if kind == 'distilled' else 'in isolation'} ({', '.join(how)})"


def quality_table(report: dict) -> str:
    """Distances of every trainer at every number of steps, from sketches and from captions alone."""
    rows = [
        [
            "other real pictures",
            "",
            *distances(report["real"]["swd"]),
            None,
            None,
            percent(report["real"]["agreement"]["all"]),
            None,
            None,
        ]
    ]
    rows += [
        [words, "", *distances(r["swd"]), r["psnr"], r["ssim"], percent(r["agreement"]["all"]), None, None]
        for words, r in (
            ("the pictures, through the autoencoder", report["decoded"]),
            ("the sketches themselves", report["sketches"]),
        )
    ]
    for row in (row for row in report["rows"] if row["from"] == "sketch"):
        alone = next(
            r
            for r in report["rows"]
            if r["from"] == "text" and (r["trainer"], r["steps"]) == (row["trainer"], row["steps"])
        )
        rows.append(
            [
                trainer_name(row["trainer"]),
                row["steps"],
                *distances(row["swd"]),
                row["psnr"],
                row["ssim"],
                percent(row["agreement"]["all"]),
                alone["swd"]["mean"],
                percent(alone["agreement"]["all"]),
            ]
        )
    return table(["", "steps", "256", "64", "16", "mean", "PSNR", "SSIM", "caption", "alone: mean", "caption"], rows)


def distances(swd: dict) -> list:
    return [swd[level] for level in ("256", "64", "16", "mean")]


def agreement_table(report: dict) -> str:
    """How much of what captions say is found, by facet: in real pictures, and in the served student's."""
    rows = [["real pictures", *(percent(report["real"]["agreement"][facet]) for facet in FACETS)]]
    for row in report["rows"]:
        if row["trainer"] == "student":
            origin = "the sketch" if row["from"] == "sketch" else "the caption alone"
            rows.append(
                [f"{row['steps']} steps from {origin}", *(percent(row["agreement"][facet]) for facet in FACETS)]
            )
    return table(["", *FACETS], rows)


def prompts_table(report: dict) -> str:
    """What is found in pictures of sunset sketches when the prompt says something else."""
    names = ("sunset", "night", "snow")
    rows = [["real pictures that are so", "", *(percent(report["prompts"]["real"][name]) for name in names)]]
    rows += [
        [f"“... {row['prompt']}”", row["strength"], *(percent(row[name]) for name in names)]
        for row in report["prompts"]["changed"]
    ]
    return table(["prompt", "strength", *(f"{name} found" for name in names)], rows)


def autoencoder_table(report: dict) -> str:
    rows = [[row["decoder"], row["psnr"], row["gradient"], row["gradientKept"]] for row in report["autoencoder"]]
    return table(["decoder", "PSNR, dB", "gradient energy of the real pictures", "share of it kept"], rows)


def pixel_table(report: dict) -> str:
    rows = [
        [
            PIXEL_NAMES.get(row["trainer"], row["trainer"]),
            row["steps"] or "",
            *(row["swd"][level] for level in PIXEL_LEVELS),
        ]
        for row in report["pixel"]
    ]
    return table(["", "steps", *PIXEL_LEVELS], rows)


def section(report: dict) -> str:
    """The part of the model card that says how good everything is."""
    pictures, strength, guidance = report["pictures"], report["strength"], report["guidance"]
    pixel = (
        f"""
### Pixel-space models

{pixel_table(report)}
"""
        if report["pixel"]
        else ""
    )
    return f"""## Evaluation

By `python -m underpaint_train evaluate`, on {pictures} held-out scenes, guidance {guidance}. Distances are sliced
Wasserstein distances on Laplacian pyramids times 1000 (Karras et al. 2018), of pictures made from sketches at strength
{strength}; at 256 they tell fine texture, at 16 colours and layout; smaller is nearer to real pictures. PSNR and SSIM
compare with the picture that the sketch was drawn of. “Caption” is the share of what captions say that a classifier,
trained on real pictures, finds. The last two columns are of pictures made from captions alone.

{quality_table(report)}

What is found of what captions say:

{agreement_table(report)}

What the words do to the {report["prompts"]["sketches"]} held-out sketches of sunsets without snow, in four steps:

{prompts_table(report)}

{autoencoder_table(report)}
{pixel}"""
