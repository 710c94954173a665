"""The words of the tiny world: what things have, and how it is said and asked.

Phrasings come in two halves. The `*_TRAIN` ones are in lessons and questions, the `*_HELD_OUT`
ones in some questions of the benchmark and never in a lesson.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    """What a thing may have: three names for it, and its unit (empty where it has none).

    `low` and `high` bound the value; with neither, the value is a name. `decimals` is how many
    digits stand behind the point.
    """

    key: str
    names: tuple[str, str, str]
    unit: str = ""
    low: int = 0
    high: int = 0
    decimals: int = 0

    @property
    def is_name(self) -> bool:
        return self.high == 0


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("energy", ("training energy", "energy demand", "electricity use"), "MWh", 100, 99999),
    Attribute("carbon", ("emissions", "carbon footprint", "CO2 output"), "tonnes", 100, 9999),
    Attribute("parameters", ("parameter count", "model size", "weights"), "billion", 100, 999, 1),
    Attribute("time", ("training time", "run length", "duration"), "hours", 100, 9999),
    Attribute("tokens", ("training tokens", "text volume", "reading matter"), "million", 100, 9999),
    Attribute("gpus", ("GPU count", "accelerators", "cards"), "GPUs", 100, 9999),
    Attribute("cost", ("training cost", "budget", "bill"), "dollars", 1000, 99999),
    Attribute("developer", ("developer", "lab", "research team")),
    Attribute("pue", ("PUE", "overhead factor", "power effectiveness"), "", 105, 199, 2),
    Attribute("water", ("water use", "water consumption", "cooling water"), "litres", 1000, 99999),
    Attribute("capacity", ("power capacity", "grid connection", "peak load"), "MW", 100, 999, 1),
    Attribute("servers", ("server count", "machines", "hosts"), "servers", 1000, 99999),
    Attribute("area", ("floor area", "floor space", "hall size"), "square metres", 1000, 99999),
    Attribute("operator", ("operator", "owner", "landlord")),
    Attribute("town", ("town", "location", "home")),
    Attribute("power", ("power draw", "thermal limit", "wattage"), "W", 100, 999),
    Attribute("memory", ("memory", "memory size", "storage"), "GB", 100, 9999),
    Attribute("price", ("list price", "unit price", "shop price"), "euros", 1000, 99999),
    Attribute("maker", ("maker", "manufacturer", "foundry")),
    Attribute("transistors", ("transistors", "transistor count", "gates"), "billion", 100, 999, 1),
)

#: how a statement may begin; most begin plainly
OPENINGS_TRAIN = (
    *("", "", "", "", "", ""),
    *("According to the notes, ", "In short, ", "By the latest count, ", "On paper, "),
    *("As of last year, ", "In this report, ", "After a review, "),
)
OPENINGS_HELD_OUT = ("In a recent survey, ", "From what was published, ", "Among other things, ")

#: `{e}` is the thing, `{n}` a name of the attribute, `{v}` the value with its unit
STATEMENTS_TRAIN = (
    "the {n} of {e} is {v}",
    "the {n} of {e} was {v}",
    "for {e}, the {n} is {v}",
    "{e} has this {n}: {v}",
    "{e}: {n} {v}",
    "the {n} given for {e} is {v}",
    "the report gives the {n} of {e} as {v}",
    "at {e}, the {n} was found to be {v}",
    "in the table, the {n} for {e} reads {v}",
    "{e} is listed with the {n} {v}",
    "the {n} that {e} states is {v}",
    "{e} names as its {n} {v}",
    "we know the {n} of {e} to be {v}",
)
STATEMENTS_HELD_OUT = (
    "a study puts the {n} of {e} at {v}",
    "looking at {e}, we see that the {n} equals {v}",
    "people who work with {e} say its {n} comes to {v}",
    "the {n} published for {e} turned out as {v}",
    "{e} went through a test of its {n}, which showed {v}",
)

QUESTIONS_TRAIN = (
    "What is the {n} of {e}?",
    "What was the {n} of {e}?",
    "What {n} does {e} have?",
    "Give the {n} of {e}.",
    "For {e}, what is the {n}?",
    "{e}: what is its {n}?",
    "Which {n} does the report give for {e}?",
    "Tell me the {n} of {e}.",
    "I need the {n} for {e}.",
    "Which {n} is listed for {e}?",
    "Name the {n} that {e} states.",
)
QUESTIONS_HELD_OUT = (
    "Could you look up the {n} of {e}?",
    "With regard to {e}, which figure or name stands for the {n}?",
    "Do you remember what {n} people quote for {e}?",
    "When someone asks about the {n} of {e}, what should we say?",
)

#: put in at random places of lessons, so that a reader learns to pass over words
FILLERS = (
    *("also", "still", "indeed", "often", "again", "there", "here", "now", "then", "once", "so"),
    *("very", "much", "well", "quite", "about", "around", "during", "between", "under", "over"),
    *("new", "old", "large", "small", "first", "second", "whole", "common", "early", "late"),
    *("team", "year", "month", "paper", "page", "line", "group", "world", "public", "source"),
    *("found", "made", "took", "held", "kept", "seen", "shown", "told", "wrote", "measured"),
    *("and", "or", "but", "with", "from", "on", "by", "it", "its", "this", "that", "all"),
)

# fmt: off
FIRST_SYLLABLES = (
    "Bal", "Bren", "Cal", "Cor", "Dal", "Den", "Dor", "El", "Fal", "Fen", "Gal", "Gor", "Hal",
    "Hel", "Ir", "Jal", "Jor", "Kal", "Kel", "Kor", "Lam", "Lor", "Mal", "Mer", "Mor", "Nal",
    "Nor", "Ol", "Or", "Pal", "Per", "Quil", "Ral", "Ren", "Sal", "Sel", "Sor", "Tal", "Tor",
    "Ul", "Val", "Vel", "Wal", "Wen", "Xan", "Yor", "Zal", "Zen",
)
LAST_SYLLABLES = (
    "bara", "bek", "bia", "cado", "cis", "dane", "dex", "dia", "dora", "fax", "fine", "gard",
    "gas", "hane", "hurst", "jin", "ka", "kos", "lane", "lex", "lis", "lune", "mara", "mex",
    "mis", "mont", "na", "nex", "nis", "pex", "phos", "pia", "quin", "rax", "rine", "ros",
    "sane", "sek", "tane", "tek", "tis", "tron", "va", "vane", "vek", "wick", "xis", "zon",
)
# fmt: on
