"""Everything of people's own data that the rest of the product reads."""

from webapp.sources.listings import plain_listing
from webapp.sources.manifest import Capabilities, Manifest, stay_away
from webapp.sources.own.offer import GRAMMAR, OwnOffer
from webapp.sources.own.uploads import UPLOADS

MANIFEST = Manifest(
    offer=OwnOffer(),
    demonstration=stay_away,
    capabilities=Capabilities(is_collected=False),
    grammar=GRAMMAR,
    listing_of=plain_listing,
    folders={"uploads": UPLOADS},
)
