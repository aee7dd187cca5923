"""Where the instruments of the offline market trade, as Yahoo names the places."""

from dataclasses import replace

from webapp.sandbox.listings import Venue

NASDAQ = Venue(
    code="NMS",
    name="NasdaqGS",
    display="NASDAQ",
    calendar="XNYS",
    timezone="America/New_York",
    currency="USD",
    extended=True,
)
NASDAQ_FUNDS = replace(NASDAQ, code="NGM", name="NasdaqGM")
WITHOUT_CURRENCY = replace(NASDAQ, currency=None)
"""Yahoo has instruments, mostly warrants, whose currency it does not tell."""
NYSE = replace(NASDAQ, code="NYQ", name="NYSE", display="NYSE")
ARCA = replace(NASDAQ, code="PCX", name="NYSEArca", display="NYSEArca")
STANDARD_AND_POORS = replace(NASDAQ, code="SNP", name="SNP", display="SNP", extended=False)
PARIS = Venue(code="PAR", name="Paris", display="Paris", calendar="XPAR", timezone="Europe/Paris", currency="EUR")
LONDON = Venue(code="LSE", name="LSE", display="London", calendar="XLON", timezone="Europe/London", currency="GBp")
FRANKFURT = Venue(code="GER", name="XETRA", display="XETRA", calendar="XETR", timezone="Europe/Berlin", currency="EUR")
TOKYO = Venue(code="JPX", name="Tokyo", display="Tokyo", calendar="XTKS", timezone="Asia/Tokyo", currency="JPY")
TORONTO = Venue(
    code="TOR", name="Toronto", display="Toronto", calendar="XTSE", timezone="America/Toronto", currency="CAD"
)
COINS = Venue(code="CCC", name="CCC", display="CCC", calendar="24/7", timezone="UTC", currency="USD")
CURRENCIES = Venue(code="CCY", name="CCY", display="CCY", calendar="24/5", timezone="Europe/London", currency="USD")
COMEX = Venue(code="CMX", name="COMEX", display="COMEX", calendar="CMES", timezone="America/New_York", currency="USD")
