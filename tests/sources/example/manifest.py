"""Everything of the example that the product reads; an entry point names it."""

from tests.sources.example.offer import GRAMMAR, OFFER, VENUES
from webapp.errors import Sentence
from webapp.kernel.request_fields import FieldKind, RequestField
from webapp.sources.kit.settings import usual_settings
from webapp.sources.manifest import Capabilities, Manifest, Option, Setting, stay_away

MANIFEST = Manifest(
    offer=OFFER,
    demonstration=stay_away,
    capabilities=Capabilities(opens_with_session=False),
    settings=(*usual_settings("EXAMPLE", rate=20.0), Setting("journal", "EXAMPLE_JOURNAL", None)),
    options=(
        Option(RequestField("gross", FieldKind.FLAG, help="With fees."), label=Sentence("With fees")),
        Option(RequestField("venue", FieldKind.CHOICE, values=VENUES), label=Sentence("Venue")),
    ),
    grammar=GRAMMAR,
)
