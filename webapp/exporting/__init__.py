"""Files of stored bars: requests, counts and previews, CSV, Parquet, Arrow and ZIP, made at once or by a worker."""
