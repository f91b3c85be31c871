"""Scripts and sheets as browsers get them: bundled, for old engines too, packed, at addresses that tell nothing."""
