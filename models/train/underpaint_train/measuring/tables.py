"""The figures of an evaluation as tables of the model card."""

from collections.abc import Iterable

FACETS = ("place", "time", "season", "weather", "style", "things", "all")
PIXEL_LEVELS = ("32", "16", "mean")
NAMES = {
    "student": "served: the teacher's first estimate, sharpened",
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


def painter_name(row: dict) -> str:
    """A trained model, and its sampler if it is not the usual one."""
    usual = row["sampler"] == "multistep" or row["trainer"] == "teacher"
    return trainer_name(row["trainer"]) + ("" if usual else f", {row['sampler']}")


def quality_table(report: dict) -> str:
    """Distances of every trainer at every number of steps, from sketches and from captions alone."""
    real = report["real"]
    rows = [
        ["other real pictures", "", *distances(real["swd"]), None, None, percent(real["agreement"]["all"]), None, None]
    ]
    rows += [
        [words, "", *distances(r["swd"]), r["psnr"], r["ssim"], percent(r["agreement"]["all"]), None, None]
        for words, r in (
            ("the pictures, through the autoencoder", report["decoded"]),
            ("the sketches themselves", report["sketches"]),
        )
    ]
    key = ("trainer", "steps", "sampler")
    alone = {tuple(row[k] for k in key): row for row in report["rows"] if row["from"] == "text"}
    for row in report["rows"]:
        if row["from"] == "text":
            continue
        other = alone[tuple(row[k] for k in key)]
        figures = [row["psnr"], row["ssim"], percent(row["agreement"]["all"])]
        figures += [other["swd"]["mean"], percent(other["agreement"]["all"])]
        rows.append([painter_name(row), row["steps"], *distances(row["swd"]), *figures])
    return table(["", "steps", "256", "64", "16", "mean", "PSNR", "SSIM", "caption", "alone: mean", "caption"], rows)


def distances(swd: dict) -> list:
    return [swd[level] for level in ("256", "64", "16", "mean")]


def levels_table(report: dict) -> str:
    """Energy of each Laplacian level over that of the real pictures."""
    sizes = list(report["decoded"]["levels"])
    rows = [["the pictures, through the autoencoder", "", *report["decoded"]["levels"].values()]]
    rows += [
        [painter_name(row), row["steps"], *row["levels"].values()] for row in report["rows"] if row["from"] == "sketch"
    ]
    return table(["", "steps", *sizes], rows)


def agreement_table(report: dict) -> str:
    """The share of caption facts found, by facet: in real pictures, and in the served student's."""
    rows = [["real pictures", *(percent(report["real"]["agreement"][facet]) for facet in FACETS)]]
    for row in report["rows"]:
        if row["trainer"] == "student" and row["sampler"] == "multistep":
            origin = "the sketch" if row["from"] == "sketch" else "the caption alone"
            rows.append(
                [f"{row['steps']} steps from {origin}", *(percent(row["agreement"][facet]) for facet in FACETS)]
            )
    return table(["", *FACETS], rows)


def layout_table(report: dict) -> str:
    """How the served student's pictures at full noise lie on their sketches."""
    rows = []
    for row in report["control"]["layout"]:
        pairs = [f"{row[name]['mean']}, {row[name]['worst']}" for name in ("flat", "hand")]
        lines = [f"{percent(row[name]['kept'])} ({percent(row[name]['chance'])})" for name in ("lines", "handLines")]
        rows.append([row["steps"], *pairs, *lines])
    return table(["steps", "flat sketches: mean, worst", "by mouse: mean, worst", "lines kept", "by mouse"], rows)


def words_table(report: dict) -> str:
    """The labels found in pictures of contradicting sketches, and of sketches of plain days when the words say else."""
    words = report["control"]["words"]
    first = [f"captions of {words['contradicting']} contradicting sketches", None]
    rows = [[*first, percent(words["agreement"]["all"]), percent(words["real"]["all"])]]
    rows += [
        [f"“..., {row['words']}”", percent(row["without"]), percent(row["with"]), percent(row["real"])]
        for row in words["changes"]
    ]
    return table(["words", "without them", "with them", "real pictures that are so"], rows)


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


def control_section(report: dict) -> str:
    """How the served student follows sketches and words."""
    steady = report["control"]["steadiness"]
    return f"""### Sketch and words

Everything starts from noise alone; the sketch is a condition. Correlation of pictures with their sketches at 64 x 64,
of flat sketches whose words agree and of sketches that were drawn with a mouse; of line drawings, the share of the ink
that has an edge of the picture within 3 pixels, and in brackets the share of all places that has one:

{layout_table(report)}

What a classifier finds, in 2 steps:

{words_table(report)}

A stroke that is no light changes pictures on dry land by {steady["at"]} levels of 255 where it is, and farther than 32
pixels from it by {steady["far"]} on average and {steady["farWorst"]} at worst. Another noise changes a pixel by
{steady["seeds"]} levels on average, and by {steady["seedsAlone"]} without a sketch.
"""


def section(report: dict) -> str:
    """The part of the model card that says how good everything is."""
    pixel = f"\n### Pixel-space models\n\n{pixel_table(report)}\n" if report["pixel"] else ""
    control = f"\n{control_section(report)}" if "control" in report else ""
    return f"""## Evaluation

By `python -m underpaint_train evaluate`, on {report["pictures"]} held-out scenes, guidance {report["guidance"]}, from
noise alone. Distances are sliced Wasserstein distances on Laplacian pyramids times 1000 (Karras et al. 2018); at 256
they tell fine texture, at 16 colours and layout; smaller is nearer to real pictures. PSNR and SSIM compare with the
picture that the sketch was drawn of. “Caption” is the share of caption facts that a classifier, trained on real
pictures, finds. The last two columns are of pictures made from captions alone.

{quality_table(report)}

Energy of each level of the Laplacian pyramid over that of the real pictures, from sketches:

{levels_table(report)}

The share of caption facts found:

{agreement_table(report)}

{autoencoder_table(report)}
{control}{pixel}"""
