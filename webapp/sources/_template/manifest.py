"""Everything of Template that the rest of the product reads."""

from webapp.sources.kit.settings import stay_on_loopback, usual_settings
from webapp.sources.manifest import Manifest

from .offer import GRAMMAR, OFFER, assume_facts

ADDRESS = "http://127.0.0.1:8765"
"""Where the service answers, unless the settings say otherwise."""
MANIFEST = Manifest(
    offer=OFFER,
    demonstration=stay_on_loopback("TEMPLATE_BASE_URL", ADDRESS),
    settings=usual_settings("TEMPLATE", rate=2.0, cooldown=10.0, base_url=ADDRESS),
    grammar=GRAMMAR,
    assume_facts=assume_facts,
)
