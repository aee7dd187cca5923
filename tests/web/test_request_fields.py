"""Forms, API, command line and notebook name the fields of a request alike: each makes its own of one description."""

import inspect
import re
from dataclasses import replace

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from tests.web.factories import Asked, make_series
from webapp.api.schemas import CollectBody
from webapp.cli.collect import collect
from webapp.cli.export import export
from webapp.errors import sentence
from webapp.exporting.export_fields import EXPORT_FIELDS
from webapp.exporting.files import MIMETYPES
from webapp.job_manager import JobManager
from webapp.kernel.collect_fields import COLLECT_FIELDS
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.kernel.symbols import Grammar
from webapp.sources.choices import SourceOptions, choices
from webapp.sources.manifest import Option
from webapp.sources.option_fields import OPTION_FIELDS, OPTIONS
from webapp.sources.registry import MANIFESTS
from webapp.web.collect.forms import CollectForm, form_choices
from webapp.web.exports.forms import ExportFields

TYPED = ("yahoo", "ibkr")
"""The sources whose options type checkers of scripts know; those of any other may stand there, and need not."""
COLLECTING, OPTIONAL = set(COLLECT_FIELDS), set(OPTION_FIELDS)


def test_every_entrance_takes_the_fields_of_a_collection() -> None:
    assert {field.name for field in CollectForm()} == COLLECTING | OPTIONAL
    assert set(CollectBody().fields) == COLLECTING | {"options"}
    assert {option.name for option in collect.params} == COLLECTING | OPTIONAL | {"wait", "as_json", "quiet"}
    assert set(inspect.signature(JobManager.submit).parameters) == COLLECTING | {"options"}


def test_scripts_sources_and_descriptions_name_the_same_options() -> None:
    listed = set(SourceOptions.__annotations__)
    needed = {option.field.name for name in TYPED for option in MANIFESTS[name].options}
    lines = [f"{name}: str" for name in sorted(needed - listed)]
    assert not lines, "webapp/sources/choices.py::SourceOptions lacks these lines, by which scripts are checked"
    assert listed <= OPTIONAL, "an option that no source has"
    assert {name for names in OPTIONS.values() for name in names} == OPTIONAL


def test_a_default_is_the_same_at_every_entrance() -> None:
    arguments = inspect.signature(JobManager.submit).parameters
    options = {option.name: option for option in collect.params}
    for name, field in COLLECT_FIELDS.items():
        if field.default:
            assert arguments[name].default == field.default
            assert options[name].default == field.default
    assert CollectForm().interval.data == COLLECT_FIELDS["interval"].default
    assert CollectForm().priority.data == COLLECT_FIELDS["priority"].default


def test_the_form_shows_the_options_that_a_source_s_manifest_describes(app: Flask) -> None:
    options = (
        Option(RequestField("exchange", longest=7), label=sentence("Exchange"), hint=sentence("Where it trades.")),
        Option(RequestField("right", FieldKind.CHOICE, values=("C", "P")), label=sentence("Right")),
        Option(RequestField("prepost", FieldKind.FLAG), label=sentence("Early bars"), is_intraday=True),
    )
    source = replace(choices(0)[0], options=options)
    with app.test_request_context():
        form = CollectForm(data={"source": source.name, "exchange": "XPAR", "right": "P"})
        offered = form_choices(form, (source,), ())
        form.refuse({"exchange": sentence("There is no such exchange.")})
        html = render_template("collect/_fields.html", form=form, choices=offered)
    assert re.search(r'<input type="text"\s+id="exchange"\s+name="exchange"\s+value="XPAR"\s+maxlength="7"', html)
    assert "Where it trades." in html
    assert "There is no such exchange." in html
    assert re.search(r'<option value="P"\s+selected>P</option>', html)
    assert re.search(r'class="intraday-only"><label class="check">\s+<input type="checkbox"\s+name="prepost"', html)
    assert {"exchange", "right"} <= offered.shown


def test_the_field_of_symbols_is_that_of_the_chosen_source(app: Flask) -> None:
    grammar = Grammar(
        ("btc/usd", "eth/usd"), pattern="[a-z]+/[a-z]+", hint=sentence("Both in small letters."), is_upper_cased=False
    )
    source = replace(choices(0)[0], grammar=grammar)
    with app.test_request_context():
        form = CollectForm(data={"source": source.name})
        html = render_template("collect/_fields.html", form=form, choices=form_choices(form, (source,), ()))
    assert 'placeholder="btc/usd, eth/usd"' in html
    assert 'autocapitalize="none"' in html
    assert "Both in small letters." in html


def test_what_must_be_given_is_what_the_api_requires() -> None:
    required = {name for name, field in CollectBody().fields.items() if field.required}
    assert required == {name for name, field in COLLECT_FIELDS.items() if field.is_required}


def test_form_and_command_take_the_fields_of_an_export() -> None:
    assert {field.name for field in ExportFields()} == set(EXPORT_FIELDS) | {"series"}
    named = {"fmt" if name == "format" else name for name in EXPORT_FIELDS if name != "zone_name"}
    assert named <= {option.name for option in export.params}
    assert EXPORT_FIELDS["format"].values == tuple(MIMETYPES)


def test_a_form_carries_what_is_wrong_to_its_field() -> None:
    form = CollectForm()
    wrong = {"symbols": sentence("Give at least one symbol."), "options": sentence("No.")}
    form.refuse(wrong)
    assert form.symbols.errors == [wrong["symbols"]]
    assert form.period.errors == []
    assert form.problems_beside({"symbols"}) == [wrong["options"]]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/series", {"q", "source", "interval", "kind", "fresh", "complete", "size"}),
        ("/jobs", {"state", "source", "symbol"}),
        ("/review", {"state", "rule", "source", "symbol"}),
    ],
)
def test_a_filter_says_what_the_address_says(client: FlaskClient, path: str, fields: set[str]) -> None:
    make_series(Asked())
    html = client.get(f"{path}?source=yahoo").text
    form = html.split('role="search"')[0].rsplit("<form", 1)[1] + html.split('role="search"')[1].split("</form>")[0]
    assert set(re.findall(r'name="(\w+)"', form)) == fields
    assert re.search(r'value="yahoo"\s+selected', form)
