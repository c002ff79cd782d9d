"""Data sets: all but MNIST and Fashion-MNIST need no network. data/README.md is their datasheet."""

from course_utils.data.augmentation_images import (
    affine,
    compose,
    cutout,
    gaussian_noise,
    horizontal_flip,
    random_affine,
    random_crop,
    rotate,
    shift,
    zoom,
)
from course_utils.data.augmentation_text import (
    random_deletion,
    random_insertion,
    random_swap,
    synonym_replacement,
)
from course_utils.data.cleaning import impute, iqr_outliers, z_score_outliers, z_scores
from course_utils.data.digits import Split, load_digits
from course_utils.data.downloads import DownloadError, Source, data_folder
from course_utils.data.gaussian_ring import ring_centres, ring_of_gaussians, samples_per_mode
from course_utils.data.grammar import MinimalPair, minimal_pairs, sample_sentences, sample_split
from course_utils.data.lexicon import WORDS, decode_sentences, encode_sentences
from course_utils.data.mnist import FASHION_NAMES, load_fashion_mnist, load_mnist
from course_utils.data.photographs import draw_patches, load_photograph, shrink, to_gray
from course_utils.data.planar import (
    moons,
    nearest_moon,
    nearest_ring,
    nearest_spiral,
    rings,
    spirals,
    xor,
    xor_class,
)
from course_utils.data.recogniser import is_grammatical
from course_utils.data.scaling import MinMaxScaler, StandardScaler, one_hot
from course_utils.data.sequence_tasks import adding_task, copying_task
from course_utils.data.splits import group_split, k_fold, random_split, stratified_k_fold
from course_utils.data.synonyms import SYNONYMS
from course_utils.data.tables import Table, load_breast_cancer, load_diabetes, load_wine
from course_utils.data.text import (
    CHARACTERS,
    TextSplit,
    decode_text,
    encode_text,
    load_documentation,
    next_character_windows,
    plain_text,
    share_seen,
)

__all__ = [
    "CHARACTERS",
    "DownloadError",
    "FASHION_NAMES",
    "MinMaxScaler",
    "MinimalPair",
    "SYNONYMS",
    "Source",
    "Split",
    "StandardScaler",
    "Table",
    "TextSplit",
    "WORDS",
    "adding_task",
    "affine",
    "compose",
    "copying_task",
    "cutout",
    "data_folder",
    "decode_sentences",
    "decode_text",
    "draw_patches",
    "encode_sentences",
    "encode_text",
    "gaussian_noise",
    "group_split",
    "horizontal_flip",
    "impute",
    "iqr_outliers",
    "is_grammatical",
    "k_fold",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_documentation",
    "load_fashion_mnist",
    "load_mnist",
    "load_photograph",
    "load_wine",
    "minimal_pairs",
    "moons",
    "nearest_moon",
    "nearest_ring",
    "nearest_spiral",
    "next_character_windows",
    "one_hot",
    "plain_text",
    "random_affine",
    "random_crop",
    "random_deletion",
    "random_insertion",
    "random_split",
    "random_swap",
    "ring_centres",
    "ring_of_gaussians",
    "rings",
    "rotate",
    "sample_sentences",
    "sample_split",
    "samples_per_mode",
    "share_seen",
    "shift",
    "shrink",
    "spirals",
    "stratified_k_fold",
    "synonym_replacement",
    "to_gray",
    "xor",
    "xor_class",
    "z_score_outliers",
    "z_scores",
    "zoom",
]
