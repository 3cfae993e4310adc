"""Files that a person names on the command line: read, or refused in a sentence."""

from pathlib import Path

from cryptography.x509 import load_pem_x509_certificate

from lims.errors import BadInput


def read_file(path: Path) -> bytes:
    """The bytes of a file; `BadInput` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read ({error.strerror}): check the name.",
            f"无法读取 {path}（{error.strerror}）：请检查文件名。",
        ) from error


def read_root(path: Path) -> bytes:
    """The bytes of a root certificate; `BadInput` if the file holds none."""
    data = read_file(path)
    try:
        load_pem_x509_certificate(data)
    except ValueError as error:
        raise BadInput(
            f"{path} is no root certificate (PEM): take root.pem as the laboratory published it.",
            f"{path} 不是根证书（PEM）：请使用本中心公布的 root.pem。",
        ) from error
    return data
