"""What `check` says of the records of the domain that notices come from, read from a name server on loopback."""

from pathlib import Path

import pytest

from monitor.app.part_checks import Bad, Low, asks_mail_domain, mail_domain
from monitor.delivery.sending_domain import DomainRecords, judge
from monitor.settings.loading import parse_settings
from monitor.settings.model import Settings
from tests.support.dns_double import DnsDouble

GOOD = {
    "example.org": ["some other text", "v=spf1 mx include:spf.provider.example -all"],
    "_dmarc.example.org": ["v=DMARC1; p=quarantine; rua=mailto:x@example.org"],
    "mail._domainkey.example.org": [f"v=DKIM1; k=rsa; p={'A' * 400}"],
}


def settings(tmp_path: Path, **smtp: str) -> Settings:
    section = {"host": "127.0.0.1", "starttls": False, "from": "Jikimi <notices@example.org>", **smtp}
    return parse_settings({"smtp": section}, tmp_path / "config.toml", {})


async def said(tmp_path: Path, texts: dict[str, list[str]], selector: str | None = "mail") -> tuple[str, str]:
    """(ok, low or bad; the line)"""
    async with DnsDouble(texts) as double:
        given = {"dkim_selector": selector} if selector else {}
        try:
            return "ok", await mail_domain(settings(tmp_path, dns=double.address, **given))
        except Low as low:
            return "low", str(low)
        except Bad as bad:
            return "bad", str(bad)


async def test_good_records_are_named(tmp_path: Path) -> None:
    assert await said(tmp_path, GOOD) == ("ok", "example.org: SPF, DKIM, DMARC quarantine")


@pytest.mark.parametrize(
    ("name", "texts", "state", "words"),
    [
        ("example.org", [], "bad", 'set a TXT record at example.org, "v=spf1'),
        ("example.org", ["v=spf1 -all", "v=spf1 mx -all"], "bad", "keep one"),
        ("example.org", ["v=spf1 +all"], "bad", "lets everybody send"),
        ("example.org", ["v=spf1 " + "include:a.example " * 11 + "-all"], "bad", "more than 10 names"),
        ("example.org", ["v=spf1 mx ?all"], "low", 'end it with "-all"'),
        ("_dmarc.example.org", [], "bad", "set a TXT record at _dmarc.example.org"),
        ("_dmarc.example.org", ["v=DMARC1; p=none"], "low", "p=none"),
        ("_dmarc.example.org", ["v=DMARC1; rua=mailto:a@example.org"], "bad", "no policy"),
        ("mail._domainkey.example.org", [], "bad", "no DKIM key at mail._domainkey.example.org"),
        ("mail._domainkey.example.org", ["v=DKIM1; p="], "bad", "revoked"),
        ("mail._domainkey.example.org", ["v=DKIM1; t=y; p=AAAA"], "low", "for tests only"),
    ],
)
async def test_what_is_wrong_or_weak_says_what_to_set(
    tmp_path: Path, name: str, texts: list[str], state: str, words: str
) -> None:
    found = await said(tmp_path, {**GOOD, name: texts})
    assert found[0] == state and words in found[1]


async def test_without_a_selector_the_key_is_not_looked_at_and_that_is_said(tmp_path: Path) -> None:
    state, line = await said(tmp_path, GOOD, selector=None)
    assert state == "low" and "[smtp] dkim_selector" in line and "SPF, DMARC quarantine" in line


async def test_a_name_server_that_is_silent_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.delivery.sending_domain._SECONDS", 0.3)
    async with DnsDouble({}, silent=True) as double:
        with pytest.raises(Low, match="cannot be read now"):
            await mail_domain(settings(tmp_path, dns=double.address))
    assert double.asked


def test_mail_to_this_machine_needs_no_records(tmp_path: Path) -> None:
    assert not asks_mail_domain(settings(tmp_path))
    assert asks_mail_domain(settings(tmp_path, dns="127.0.0.1:53"))


def test_names_that_do_not_exist_are_told_all_at_once() -> None:
    found = judge(DomainRecords("example.org", (), (), (), "mail"))
    assert len(found.wrong) == 3 and not found.good
