// Ends as an exception that nobody catches would (line 3).

if (open("missing") == null) OSError.raise_();
