"""Importing a file in a real browser, with a real worker that looks at it and writes it."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.plant import Plant
from tests.servers import Market, RedisServer, start

from .conftest import opened

LINES = "".join(f"0{day}/02/2024;{100 + day},5;{102 + day};99;101,25;1 000\n" for day in (1, 2, 5, 6))
FILE = "Date;Ouverture;Plus haut;Plus bas;Clôture;Volume\n" + LINES
WORDS = {
    "en": (
        "Look at the file",
        "Day first (31/12/2024)",
        "4 lines make bars",
        "4 bars will be written",
        "Import",
        "See the series",
        "Leave them out",
    ),
    "fr": (
        "Regarder le fichier",
        "Le jour d’abord (31/12/2024)",
        "4 lignes donnent des barres",
        "4 barres seront écrites",
        "Importer",
        "Voir la série",
        "Les laisser de côté",
    ),
}


@pytest.fixture(scope="module")
def site(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the pages and a worker, with no source to ask; yield their address."""
    folder = tmp_path_factory.mktemp("stack")
    nothing = start(["true"], {}, folder / "nothing.log")
    nothing.ended(10)
    with redis_server.client() as client:
        client.flushall()
    plant = Plant(folder, redis_server, Market("http://127.0.0.1:9", "", "http://127.0.0.1:9", "127.0.0.1:9", nothing))
    try:
        _, url = plant.web()
        plant.worker()
        yield url
    finally:
        plant.end()


CUT_CHOICES = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("#order, #zone, #names, #decimal, #bad")].flatMap((select) => {
    const style = getComputedStyle(select);
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16; // an arrow
    return [...select.options].map((one) => one.text).filter((text) => pen.measureText(text).width > room);
  });
}"""
"""Finds the choices that are too long for the place in which they are shown."""


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [1440, 1024])
def test_what_is_chosen_can_be_read_to_its_end(
    browser: Browser, site: str, tmp_path: Path, language: str, width: int
) -> None:
    file = tmp_path / "MC_jours.csv"
    file.write_text(FILE, encoding="utf-8")
    with opened(browser, language=language, theme="light") as watched:
        page = watched.page
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site}/imports/new")
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name=WORDS[language][0]).click()
        expect(page.locator("#bad")).to_be_visible()
        assert page.evaluate(CUT_CHOICES) == []


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fr", "dark")])
def test_a_file_becomes_a_series(browser: Browser, site: str, tmp_path: Path, language: str, theme: str) -> None:
    file = tmp_path / "MC_jours.csv.gz"
    file.write_bytes(gzip.compress((FILE + "07/02/2024;?;1;1;1;1\n").encode("cp1252")))
    look, day_first, made, written, imports, series, leave_out = WORDS[language]
    with opened(browser, language=language, theme=theme) as watched:
        page = watched.page
        page.goto(f"{site}/imports/new")
        page.locator("#file").set_input_files(file)
        page.get_by_role("button", name=look).click()
        expect(page.locator(".table-found").first).to_contain_text("101,5")
        expect(page.locator("#import-preview")).not_to_contain_text(made)
        page.locator("#order").select_option(label=day_first)
        expect(page.locator("#import-preview")).to_contain_text(made)
        page.get_by_role("button", name=imports, exact=True).click()
        expect(page.locator("#import .banner-error")).to_be_visible()
        page.locator("#bad").select_option(label=leave_out)
        expect(page.locator("#import-preview")).to_contain_text(written)
        page.get_by_role("button", name=imports, exact=True).click()
        page.wait_for_url(re.compile("/jobs/[0-9]+$"))
        expect(page.locator(".badge-succeeded")).to_be_visible()
        page.get_by_role("link", name=series).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("MC")
        assert watched.complaints == []
