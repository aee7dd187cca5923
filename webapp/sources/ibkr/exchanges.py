"""Which calendar (ISO 10383, as ``exchange_calendars`` names them) is meant by what IBKR calls primary exchanges."""

EXCHANGES = {
    **dict.fromkeys(("NASDAQ", "ARCA", "AMEX", "BATS", "IEX", "ISLAND", "CBOE"), "XNYS"),
    **dict.fromkeys(("TSE", "VENTURE"), "XTSE"),
    "SBF": "XPAR",
    "AEB": "XAMS",
    "ENEXT.BE": "XBRU",
    "BVL": "XLIS",
    "BVME": "XMIL",
    "BM": "XMAD",
    "LSEETF": "XLON",
    **dict.fromkeys(("IBIS", "IBIS2"), "XETR"),
    **dict.fromkeys(("FWB", "FWB2"), "XFRA"),
    **dict.fromkeys(("EUREX", "DTB"), "XEUR"),
    "EBS": "XSWX",
    "SFB": "XSTO",
    "TSEJ": "XTKS",
    "SEHK": "XHKG",
    "SGX": "XSES",
}
