import os
import ssl
import stat
from pathlib import Path

import pytest

from tradesim.kernel.errors import Refused
from tradesim.ops.server import check_certificate
from tradesim.settings import Settings
from tradesim.storage.certificates import certificate_in, made_certificate

trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate can be made")
NOW = 1_790_000_000 * 10**9
DAY_S = 86_400


@pytest.fixture
def made(tmp_path):
    return made_certificate(tmp_path, ("desk.example",), NOW)


def about(path):
    """What is said of the first certificate in a file."""
    return ssl._ssl._test_decode_cert(str(path))


def test_it_is_for_this_machine_and_the_names_that_were_given(made):
    names = {name for _, name in about(made.server)["subjectAltName"]}
    assert names == {"localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "desk.example"}


def test_it_is_valid_now_and_no_longer_than_browsers_take(made):
    begins, ends = (ssl.cert_time_to_seconds(about(made.server)[each]) for each in ("notBefore", "notAfter"))
    assert begins < NOW // 10**9 < ends
    assert ends - begins == 825 * DAY_S


def test_its_key_is_its_owner_s_alone_and_the_authority_has_none_left(made):
    if os.name == "posix":
        assert stat.S_IMODE(made.server.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" in made.server.read_bytes()
    assert b"PRIVATE KEY" not in made.authority.read_bytes() + made.trusted.read_bytes()


def test_a_client_that_trusts_the_authority_trusts_the_desk_and_the_usual_ones(made):
    alone = ssl.create_default_context(cafile=made.authority).get_ca_certs()
    assert len(alone) == 1
    assert len(ssl.create_default_context(cafile=made.trusted).get_ca_certs()) > 50


def test_made_again_it_takes_the_place_of_the_former(made, tmp_path):
    before = made.server.read_bytes()
    assert made_certificate(tmp_path, (), NOW) == made == certificate_in(tmp_path)
    assert made.server.read_bytes() != before
    check_certificate(made.server)


def test_what_a_killed_run_left_goes_and_the_folder_is_its_owner_s_alone(made, tmp_path):
    folder = made.server.parent
    folder.chmod(0o755)
    (folder / "desk.4711").write_text("half a PRIVATE KEY")
    made_certificate(tmp_path, (), NOW)
    assert {path.name for path in folder.iterdir()} == {"desk.pem", "ca.pem", "trusted.pem"}
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("failing", ["ca.pem", "trusted.pem", "desk.pem"])
def test_where_a_file_cannot_be_kept_the_key_stays_the_former_and_no_other_is_left(
    made, tmp_path, monkeypatch, failing
):
    former, replace = made.server.read_bytes(), Path.replace

    def full(path, target):
        if target.name == failing:
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Refused, match="No space left on device"):
        made_certificate(tmp_path, (), NOW)
    assert made.server.read_bytes() == former
    assert {path.name for path in made.server.parent.iterdir()} == {"desk.pem", "ca.pem", "trusted.pem"}


def test_a_name_that_no_certificate_can_have_is_refused(tmp_path):
    with pytest.raises(Refused, match="wanted names or addresses for the certificate"):
        made_certificate(tmp_path, ("no such/name at all",), NOW)


def test_files_that_are_no_certificate_are_refused_in_words(made, tmp_path):
    with pytest.raises(Refused, match=r"TRADESIM_CERT must be a PEM file .*: No such file"):
        check_certificate(tmp_path / "nowhere.pem")
    with pytest.raises(Refused, match=r"found .*ca\.pem: not both are in there"):
        check_certificate(made.authority)
    other = made_certificate((tmp_path / "other"), (), NOW) if (tmp_path / "other").mkdir() is None else None
    with pytest.raises(Refused, match="they do not belong together"):
        check_certificate(made.server, other.server)


def test_a_key_with_a_pass_phrase_is_refused_and_nobody_is_asked_for_it(made, tmp_path):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(made.server.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"open sesame"),
        )
    )
    with pytest.raises(Refused, match=r"needs a key without a pass phrase, found an encrypted one in .*locked\.pem"):
        check_certificate(made.server, locked)


def test_a_desk_with_a_certificate_is_at_https_and_says_whom_to_trust(made, tmp_path):
    settings = Settings.from_env({"TRADESIM_CERT": str(made.server), "PORT": "8443"})
    assert (settings.url, settings.trusted) == ("https://127.0.0.1:8443", made.trusted)
    own = tmp_path / "elsewhere" / "own.pem"
    assert Settings.from_env({"TRADESIM_CERT": str(own)}).trusted is None
    assert Settings().url == "http://127.0.0.1:8050"
