"""Which calendar (ISO 10383, as ``exchange_calendars`` names them) is meant by Yahoo's names and codes of exchanges."""

EXCHANGES = {
    **dict.fromkeys(("NASDAQGS", "NASDAQGM", "NASDAQCM", "NASDAQ GIDS", "NYSE", "NYSEARCA", "NYSE AMERICAN"), "XNYS"),
    **dict.fromkeys(("NMS", "NGM", "NCM", "NYQ", "PCX", "ASE", "BTS", "SNP", "DJI", "CBOE US", "CBOE INDICES"), "XNYS"),
    **dict.fromkeys(("TORONTO", "TOR", "TSXV", "VAN", "CNQ"), "XTSE"),
    **dict.fromkeys(("PARIS", "PAR"), "XPAR"),
    **dict.fromkeys(("AMSTERDAM", "AMS"), "XAMS"),
    **dict.fromkeys(("BRUSSELS", "BRU"), "XBRU"),
    **dict.fromkeys(("LISBON", "LIS"), "XLIS"),
    **dict.fromkeys(("LSE", "LONDON", "IOB"), "XLON"),
    **dict.fromkeys(("XETRA", "GER"), "XETR"),
    **dict.fromkeys(("FRANKFURT", "FRA"), "XFRA"),
    **dict.fromkeys(("TOKYO", "JPX", "OSAKA"), "XTKS"),
    **dict.fromkeys(("COMEX", "CMX", "CME", "CBT", "CBOT", "NYM", "NYMEX", "NY MERCANTILE", "GLOBEX"), "CMES"),
    **dict.fromkeys(("NYBOT", "NYB", "ICE FUTURES"), "IEPA"),
}
