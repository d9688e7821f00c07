"""The paper's series and reviews: not shipped, found on this machine or downloaded once.

A file is looked for in the folder that MEMTOOLS_DATA names, then in the user's cache, then
fetched from the authors' repository; wherever it comes from, its SHA-256 must be the known one.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from memtools.exceptions import DataFileError, DownloadError, MissingDependencyError

SOURCE = (
    "https://raw.githubusercontent.com/huawei-noah/noah-research/"
    "aa0f80c8ce4815b1f072500be6906f56fc76a91a/mRNN-mLSTM/data/"
)
_TIMEOUT = 30.0  # seconds


@dataclass(frozen=True)
class Download:
    """Where a file lies below `SOURCE`, what it is, and its SHA-256."""

    path: str
    sha256: str
    description: str

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]


_FOLDER = "time_series_prediction/"
DOWNLOADS = {
    "arfima": Download(
        f"{_FOLDER}arfima.csv",
        "8646e614ab4defedf5c9d239a20013c5dfd7bba512d786bbe6f7e9d208e08735",
        "Simulated ARFIMA(2, 0.4, 1), 4001 values",
    ),
    "DJI": Download(
        f"{_FOLDER}DJI.csv",
        "011fea06b5daf1ad322d0997b1a51d32dc3bd720450dd965c659b05969b66881",
        "Absolute daily log returns of the Dow Jones Industrial Average, mean removed",
    ),
    "traffic": Download(
        f"{_FOLDER}traffic.csv",
        "3b145a40bf2152028557079f8270ed538dce79b86b827a959090a65428cdcdac",
        "Daily westbound traffic on Interstate 94, Minneapolis, 1860 values",
    ),
    "tree7": Download(
        f"{_FOLDER}tree7.csv",
        "44d55af6320aa692e9e97b9c49f235eaabf377012e4ff72b61cd05a38c252df7",
        "Tree rings, 4351 values",
    ),
    "reviews": Download(
        "review_classification/reviews.json",
        "5ea7a36d2655b89db2b73c999f086a3df607089ebd11ebeeb122105d7f0de888",
        "Paper reviews in Spanish with their evaluations",
    ),
}


def find(name: str) -> Path:
    """The file of one of `DOWNLOADS`, checked."""
    wanted = DOWNLOADS[name]
    folder = os.environ.get("MEMTOOLS_DATA")
    if folder and (path := Path(folder, wanted.file_name)).exists():
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != wanted.sha256:
            text = f"{path} has SHA-256 {found}, the published file has {wanted.sha256}"
            raise DataFileError(text)
        return path
    return _download(wanted)


def _download(wanted: Download) -> Path:
    try:
        import pooch
        import requests
    except ImportError as error:
        purpose = f"{wanted.file_name} (not in MEMTOOLS_DATA; {SOURCE}{wanted.path})"
        raise MissingDependencyError("pooch", purpose) from error
    cache = pooch.os_cache("memtools")
    try:
        path: str = pooch.retrieve(
            SOURCE + wanted.path,
            known_hash=f"sha256:{wanted.sha256}",
            fname=wanted.file_name,
            path=cache,
            downloader=pooch.HTTPDownloader(timeout=_TIMEOUT),
        )
    except (requests.RequestException, OSError, ValueError) as error:
        raise DownloadError(SOURCE + wanted.path, str(cache), str(error)) from error
    return Path(path)
