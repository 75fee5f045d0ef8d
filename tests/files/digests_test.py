import hashlib

from tfdood.files import digests


def test_the_digest_is_the_start_of_sha_256(tmp_path):
    content = bytes(range(256)) * 9_000
    (tmp_path / "a").write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    assert digests.of_file(tmp_path / "a") == expected[:8]
