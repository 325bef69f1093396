"""Photos in, maps drawn over them: decoding, geometry, placement, colours. Nothing here knows a model."""
