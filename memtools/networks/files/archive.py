"""ZIP archives in memory, read within bounds: nothing is extracted, nothing grows at will."""

from __future__ import annotations

import io
import zipfile

from memtools.exceptions import ModelFileError

# What all members may hold together beyond the size of the file: weights hardly compress.
MAX_GROWTH = 64 * 2**20
_MAX_MEMBERS = 20_000


class Archive:
    """The members of a ZIP archive.

    Parameters
    ----------
    data : bytes
        The whole file.

    Raises
    ------
    ModelFileError
        Where members are encrypted, too many, or of sizes that weights do not compress to.
    """

    def __init__(self, data: bytes) -> None:
        # Counted before zipfile reads the directory: that takes time for each entry.
        if data.count(b"PK\x01\x02") > _MAX_MEMBERS:
            raise ModelFileError(f"an archive of more than {_MAX_MEMBERS} members")
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        members = self._zip.infolist()
        if any(member.flag_bits & 1 for member in members):
            raise ModelFileError("an encrypted archive")
        names = {member.filename for member in members}
        if len(names) < len(members):
            raise ModelFileError(f"an archive with {len(members) - len(names)} names twice")
        total = sum(member.file_size for member in members)
        if total > len(data) + MAX_GROWTH:
            raise ModelFileError(
                f"members of {total:,} bytes in an archive of {len(data):,}: no trained weights "
                "compress so well (if these do, save them uncompressed)"
            )
        self._members = {member.filename: member for member in members}
        self.names = list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        if name not in self._members:
            raise ModelFileError(f"no member {name!r} in the archive")
        member = self._members[name]
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ModelFileError(f"member {name!r} is compressed in an unusual way")
        with self._zip.open(member) as stream:
            return stream.read(member.file_size)
